/**
 * Messages under a passphrase: opaque texts on opaque subjects.
 *
 * @module
 */
import { BoundedMap, decodeText, textToBytes } from '@conclave/base'
import { checkPassphrase, createPassphraseKeySource } from '@conclave/e2ee/passphrase'
import type { PassphraseKeySource } from '@conclave/e2ee/passphrase'
import { createBusSeal } from '@conclave/e2ee/session'
import type { BusSeal } from '@conclave/e2ee/session'
import { namespaceKey } from '@conclave/p2p'
import type { Namespace } from '@conclave/p2p'
import { bytesToRoomId } from '@conclave/wire'

/** Rooms and namespaces whose keys are kept; those that were used longest ago are derived again. */
const MAX_ROOMS = 64
const MAX_NAMESPACES = 1_024

/**
 * Seals messages under the passphrase, stretched for the room of their namespace, its second element. All who know the passphrase read and
 * write alike: it names no sender, and a message may come again. spec S86
 */
export class SecretSeal {
  readonly #secret: string
  readonly #keysByRoom = new BoundedMap<string, Promise<PassphraseKeySource>>(MAX_ROOMS)
  readonly #sealByNamespace = new BoundedMap<string, Promise<BusSeal>>(MAX_NAMESPACES)

  get [Symbol.toStringTag](): string {
    return 'SecretSeal'
  }

  /** @throws E2eeError `ERR_E2EE_WEAK_PASSPHRASE`; TypeError for anything that is no text */
  constructor(secret: string) {
    checkPassphrase(secret)
    this.#secret = secret
  }

  /** The subject of a namespace. Takes the time of one stretching for a new room. */
  async subjectOf(namespace: Namespace): Promise<string> {
    return (await this.#sealOf(namespace)).subject
  }

  /** A message as a text for this namespace only. @throws RangeError for one that is too long */
  async seal(namespace: Namespace, message: string): Promise<string> {
    return (await this.#sealOf(namespace)).seal(textToBytes(message))
  }

  /** The message of a text; `undefined` if nobody sealed it for this namespace. */
  async open(namespace: Namespace, text: string): Promise<string | undefined> {
    const bytes = await (await this.#sealOf(namespace)).open(text)
    return bytes && decodeText(bytes)
  }

  #sealOf(namespace: Namespace): Promise<BusSeal> {
    const key = namespaceKey(namespace)
    const known = this.#sealByNamespace.get(key)
    if (known !== undefined) return known
    const made = this.#keysOf(namespace[1]).then(async (keys) => {
      const bytes = await keys.export(LABEL, textToBytes(key), 16)
      const room = bytesToRoomId(bytes)
      if (room === undefined) throw new Error('unreachable: 16 bytes of HKDF that are all zero')
      return createBusSeal(keys, { room })
    })
    made.catch(() => this.#sealByNamespace.delete(key))
    this.#sealByNamespace.set(key, made)
    return made
  }

  #keysOf(room = ''): Promise<PassphraseKeySource> {
    const known = this.#keysByRoom.get(room)
    if (known !== undefined) return known
    const made = createPassphraseKeySource(this.#secret, { room: `${ROOMS}${room}` })
    made.catch(() => this.#keysByRoom.delete(room))
    this.#keysByRoom.set(room, made)
    return made
  }
}

const LABEL = 'conclave/1 driver namespace'
/** So that a passphrase which is used for a room too gives this driver other keys. */
const ROOMS = 'nats: '
