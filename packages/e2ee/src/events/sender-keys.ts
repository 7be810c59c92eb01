import { concatBytes } from '../bytes.ts'
import { E2eeError, isE2eeError } from '../errors.ts'
import type { SharedKeySource } from '../keys/shared-key-source.ts'
import { MAX_STREAM_KEYS } from '../messages/stream-keys.ts'
import { importAndWipe } from '../web-crypto.ts'
import type { EventKind } from './event-context.ts'
import { encodeKind } from './event-envelope.ts'
import type { KeyName } from './event-keys.ts'
import { writeText } from '../payload/text.ts'

/** Whose key it is: no two share one. spec P25 */
export interface KeyOwner extends KeyName {
  readonly kind: EventKind
  readonly sender: string
}

/**
 * The keys that come out of secrets, one for each kind and sender, derived once and kept within a bound. What
 * strangers make derive is not kept: they cannot make anything open.
 */
export class SenderKeys {
  /** In order of use: the first one was not used for the longest time. */
  readonly #kept = new Map<string, { readonly secret: SharedKeySource; readonly key: CryptoKey }>()
  /** Derivations under way, so that events that come together share one. */
  readonly #deriving = new Map<
    string,
    { readonly secret: SharedKeySource; readonly key: Promise<CryptoKey> }
  >()

  /** The key, or its derivation, which rejects with `ERR_E2EE_UNKNOWN_KEY` when the secret goes meanwhile. */
  take(secret: SharedKeySource, owner: KeyOwner): CryptoKey | Promise<CryptoKey> {
    const id = idOf(owner)
    const kept = this.#kept.get(id)
    if (kept?.secret === secret) return kept.key
    const underWay = this.#deriving.get(id)
    if (underWay?.secret === secret) return underWay.key
    const key = deriveKey(secret, owner).finally(() => {
      if (this.#deriving.get(id)?.key === key) this.#deriving.delete(id)
    })
    // The failure belongs to whoever waits; nobody may.
    key.catch(() => {})
    this.#deriving.set(id, { secret, key })
    return key
  }

  /** Keeps a key that did its work; the one that was not used for the longest time may go for it. */
  keep(secret: SharedKeySource, owner: KeyOwner, key: CryptoKey): void {
    const id = idOf(owner)
    this.#kept.delete(id)
    this.#kept.set(id, { secret, key })
    const [leastRecent] = this.#kept.keys()
    if (this.#kept.size > MAX_STREAM_KEYS && leastRecent !== undefined)
      this.#kept.delete(leastRecent)
  }

  /** Drops the keys of a secret, and closes it. */
  forget(secret: SharedKeySource): void {
    for (const [id, entry] of this.#kept) if (entry.secret === secret) this.#kept.delete(id)
    for (const [id, entry] of this.#deriving) if (entry.secret === secret) this.#deriving.delete(id)
    secret.close()
  }
}

async function deriveKey(secret: SharedKeySource, owner: KeyOwner): Promise<CryptoKey> {
  const { keyId, keyVersion, kind, sender } = owner
  const [id, name] = [writeText(keyId), writeText(sender)]
  const head = new Uint8Array(6)
  const view = new DataView(head.buffer)
  view.setUint8(0, encodeKind(kind))
  view.setUint32(1, keyVersion)
  view.setUint8(5, id.length)
  try {
    const raw = await secret.export(EVENT_LABEL, concatBytes(head, id, name), 32)
    return await importAndWipe(raw, 'AES-GCM', ['encrypt', 'decrypt'])
  } catch (error) {
    if (!isE2eeError(error)) throw error
    throw new E2eeError('ERR_E2EE_UNKNOWN_KEY', { keyId, keyVersion })
  }
}

const idOf = ({ keyId, keyVersion, kind, sender }: KeyOwner): string =>
  `${kind}:${keyVersion}:${keyId.length}:${keyId}${sender}`

const EVENT_LABEL = 'conclave/1 event'
