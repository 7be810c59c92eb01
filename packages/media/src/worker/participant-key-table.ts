/**
 * The keys of the participants whose frames the worker opens, and the requests for those that it lacks.
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { createFrameCipher } from '../sframe/cipher.ts'
import type { Suite } from '../sframe/suite.ts'
import { isWithin } from '../shared/epoch-range.ts'
import type { EpochRange } from '../shared/epoch-range.ts'
import type { FromWorker } from '../shared/protocol.ts'
import { KeyRequests } from './key-requests.ts'
import type { KeyRequestVerdict } from './key-requests.ts'
import { ReceiverKey, ReceiverKeys } from './receiver-keys.ts'

/** A key by its owner and KID. */
export interface KeyName {
  readonly participant: ParticipantId
  readonly kid: bigint
}

/** A base key on its way through the key schedule. */
export interface ReceivedBaseKey extends KeyName {
  readonly epoch: bigint
  readonly baseKey: CryptoKey
  /** Whether frames under it must be signed. */
  readonly isSigned?: boolean | undefined
}

/** The time, and where requests for keys and news of proven keys go. */
export interface ParticipantKeyTableOptions {
  now(): number
  send(message: FromWorker & { readonly type: 'key-needed' | 'key-proven' }): void
}

/** Bounded: with too many participants, the one that was added first goes. Outlives connections, as replay windows do. */
export class ParticipantKeyTable {
  readonly #options: ParticipantKeyTableOptions
  readonly #entryById = new BoundedMap<ParticipantId, ParticipantEntry>(MAX_PARTICIPANTS)
  readonly #installing = new Set<ReceivedBaseKey>()

  constructor(options: ParticipantKeyTableOptions) {
    this.#options = options
  }

  /** The key of a participant's KID, if it is installed. */
  find({ participant, kid }: KeyName): ReceiverKey | undefined {
    return this.#entryOf(participant).keys.find(kid)
  }

  /** Asks the page for a key unless it is there, was asked for, or must not be asked for. */
  request({ participant, kid }: KeyName): KeyRequestVerdict {
    const { keys, requests } = this.#entryOf(participant)
    if (keys.find(kid)) return 'pending'
    if (!keys.mayInstall(kid)) return 'refused'
    const verdict = requests.request(kid, this.#options.now())
    if (verdict === 'ask') this.#options.send({ type: 'key-needed', participant, kid })
    return verdict
  }

  /** Derives and adds a key, unless its epoch is retired meanwhile. Never rejects. */
  async install(received: ReceivedBaseKey, suite: Suite): Promise<void> {
    const { participant, kid, epoch, baseKey, isSigned } = received
    const { keys, requests } = this.#entryOf(participant)
    this.#installing.add(received)
    try {
      const cipher = await createFrameCipher(baseKey, { suite, kid, use: 'open' })
      if (!this.#installing.has(received)) throw new Error('the epoch was retired')
      const isInstalled = keys.install(kid, new ReceiverKey(epoch, cipher, { isSigned }))
      if (!isInstalled) throw new Error('there is no place for it')
      requests.fulfil(kid)
    } catch {
      requests.reject(kid, this.#options.now())
    } finally {
      this.#installing.delete(received)
    }
  }

  /** There is no such key. */
  reject({ participant, kid }: KeyName): void {
    this.#entryOf(participant).requests.reject(kid, this.#options.now())
  }

  /** Keys that were refused may be asked for again. */
  forgetRejected(): void {
    for (const [, { requests }] of this.#entryById) requests.forgetRejected()
  }

  /** Drops the keys of these epochs, of one participant or of all. */
  retire(epochs: EpochRange, participant?: ParticipantId): void {
    for (const [id, { keys }] of this.#entryById) {
      if ((participant ?? id) === id) keys.retire(epochs)
    }
    for (const received of this.#installing) {
      const isConcerned = (participant ?? received.participant) === received.participant
      if (isConcerned && isWithin(epochs, received.epoch)) this.#installing.delete(received)
    }
  }

  /** A frame authenticated under this key. Tells the page once for each key: its key source may move on by it. */
  confirm(participant: ParticipantId, key: ReceiverKey): void {
    if (key.isAnnounced) return
    key.isAnnounced = true
    this.#options.send({ type: 'key-proven', participant, epoch: key.epoch })
  }

  #entryOf(id: ParticipantId): ParticipantEntry {
    const known = this.#entryById.get(id)
    if (known) return known
    const fresh = { keys: new ReceiverKeys(), requests: new KeyRequests() }
    this.#entryById.set(id, fresh)
    return fresh
  }
}

interface ParticipantEntry {
  readonly keys: ReceiverKeys
  readonly requests: KeyRequests
}

/** Participants of one room over a session; ids are fresh for each page load of a person. */
const MAX_PARTICIPANTS = 1024
