/**
 * Delivers keys from the key source to the worker: the sender's own, and those that received frames name.
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { MediaError } from '../errors.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'
import { isWithin } from '../shared/epoch-range.ts'
import type { EpochRange } from '../shared/epoch-range.ts'
import { epochByteOfKid } from '../shared/kid.ts'
import { baseKeyRequest, importBaseKey } from './base-key.ts'
import type { WorkerLink } from './worker-link.ts'

/** The part of a key source that media needs. */
export type MediaKeySource = Pick<
  KeySource,
  'epoch' | 'export' | 'epochEndingIn' | 'confirm' | 'on'
>

/** The keys to deliver, and the worker that they go to. */
export interface KeyDeliveryOptions {
  readonly keys: MediaKeySource
  readonly room: RoomId
  readonly self: ParticipantId
  readonly suite: MediaSuiteId
  readonly link: WorkerLink
  /** Whether a participant signs its media; nobody does if left out. spec M97 */
  isSigned?(participant: ParticipantId): boolean
  /** Called when the key source gave no sender key for its current epoch. */
  onNoKey(error: MediaError): void
}

/** Keeps no key: each is exported, handed over and forgotten. */
export class KeyDelivery {
  readonly #options: KeyDeliveryOptions
  readonly #underway = new Set<ReceiverKeyUnderway>()
  /** Earlier epochs are refused: their grace is over. */
  #oldestEpoch = 0n
  /** The minimum epoch of each participant that has its own epochs. Only the key source binds one that is forgotten. */
  readonly #oldestByParticipant = new BoundedMap<ParticipantId, bigint>(MAX_PARTICIPANTS)
  #senderKey: InstalledKey | undefined
  /** The sender key before: video may be sealed with it until its next key frame. */
  #earlierSenderKey: InstalledKey | undefined
  /** The sender key on its way to the worker. */
  #nextSenderKey: InstalledKey | undefined
  #refresh: Promise<void> | undefined
  #preparedEpoch: bigint | undefined

  constructor(options: KeyDeliveryOptions) {
    this.#options = options
  }

  /** The current epoch is one that receivers have the key of: video begins with it at a key frame. spec M59 */
  notePrepared(epoch: bigint): void {
    this.#preparedEpoch = epoch
  }

  /**
   * The KID that frames are sealed with; resolves when the worker has a key of the current epoch.
   *
   * @throws MediaError `ERR_MEDIA_NO_KEY` (rejects): nothing is sealed then
   */
  async senderKid(): Promise<bigint> {
    for (;;) {
      if (this.#options.link.failure) throw this.#options.link.failure
      if (this.#senderKey?.epoch === this.#options.keys.epoch) return this.#senderKey.kid
      await this.refresh()
    }
  }

  /** Installs a sender key of the current epoch unless there is one; without success nothing is sealed. */
  refresh(): Promise<void> {
    this.#refresh ??= this.#installSenderKey().finally(() => {
      this.#refresh = undefined
    })
    return this.#refresh
  }

  /** Answers the worker's request for a key with the key or with `receiver-key-missing`. */
  async answer(participant: ParticipantId, kid: bigint): Promise<void> {
    const { link, keys } = this.#options
    let underway: ReceiverKeyUnderway | undefined
    try {
      const epoch = keys.epochEndingIn(epochByteOfKid(kid), participant)
      const oldest = this.#oldestByParticipant.get(participant) ?? this.#oldestEpoch
      if (epoch === undefined || epoch < oldest) throw new Error('there is no such epoch')
      underway = { participant, epoch }
      this.#underway.add(underway)
      const baseKey = await this.#exportBaseKey({ ...underway, kid })
      if (!this.#underway.has(underway)) throw new Error('the epoch was retired')
      const isSigned = this.#options.isSigned?.(participant)
      link.command({
        type: 'receiver-key',
        ...underway,
        kid,
        baseKey,
        ...(isSigned && { isSigned }),
      })
    } catch {
      link.command({ type: 'receiver-key-missing', participant, kid })
    } finally {
      if (underway) this.#underway.delete(underway)
    }
  }

  /** Drops the keys of these epochs, of one participant or of all, here and in the worker. */
  retire(epochs: EpochRange, participant?: ParticipantId): void {
    const { link, self } = this.#options
    if (epochs.first === 0n) this.#refuseBefore(epochs.last + 1n, participant)
    for (const key of this.#underway) {
      if ((participant ?? key.participant) === key.participant && isWithin(epochs, key.epoch)) {
        this.#underway.delete(key)
      }
    }
    if ((participant ?? self) === self) {
      if (this.#senderKey && isWithin(epochs, this.#senderKey.epoch)) this.#dropSenderKey()
      if (this.#nextSenderKey && isWithin(epochs, this.#nextSenderKey.epoch))
        this.#dropNextSenderKey()
      const earlier = this.#earlierSenderKey
      if (earlier && isWithin(epochs, earlier.epoch)) this.#drop(earlier)
    }
    link.command({ type: 'retire', epochs, participant })
  }

  #refuseBefore(oldest: bigint, participant: ParticipantId | undefined): void {
    if (participant === undefined) this.#oldestEpoch = oldest
    else this.#oldestByParticipant.set(participant, oldest)
  }

  async #installSenderKey(): Promise<void> {
    const { keys, link, self } = this.#options
    const { epoch } = keys
    if (this.#senderKey?.epoch === epoch) return
    try {
      const { kid } = await link.request({ type: 'make-kid', epoch })
      const next = { kid, epoch }
      this.#nextSenderKey = next
      const baseKey = await this.#exportBaseKey({ participant: self, ...next })
      const isNeeded = (): boolean => this.#nextSenderKey === next
      const waitMs = epoch === this.#preparedEpoch ? KEY_FRAME_WAIT_MS : 0
      if (isNeeded()) await link.request({ type: 'set-sender-key', kid, baseKey, waitMs })
      if (!isNeeded()) throw new Error('the epoch was retired')
      this.#earlierSenderKey = this.#senderKey
      this.#senderKey = next
      this.#nextSenderKey = undefined
    } catch (cause) {
      this.#dropSenderKey()
      this.#dropNextSenderKey()
      if (link.failure) throw link.failure
      const error = noKey(epoch, cause)
      // A key of an epoch that ended meanwhile is asked for no more.
      if (keys.epoch === epoch) this.#options.onNoKey(error)
      throw error
    }
    // The epoch may have changed again meanwhile.
    if (keys.epoch !== epoch) await this.#installSenderKey()
  }

  #dropSenderKey(): void {
    if (this.#senderKey) this.#drop(this.#senderKey)
    this.#senderKey = undefined
  }

  #dropNextSenderKey(): void {
    if (this.#nextSenderKey) this.#drop(this.#nextSenderKey)
    this.#nextSenderKey = undefined
  }

  /** Names the key, because the worker may hold a later one by the time it reads this. */
  #drop({ kid }: InstalledKey): void {
    this.#options.link.command({ type: 'drop-sender-key', kid })
  }

  /** The base key of a KID, which cannot be exported; its bytes are overwritten. spec M16 */
  async #exportBaseKey(key: ReceiverKeyUnderway & { readonly kid: bigint }): Promise<CryptoKey> {
    const { keys, room, suite } = this.#options
    const { participant, kid, epoch } = key
    const { label, context, length } = baseKeyRequest(kid, { room, participant, suite })
    return importBaseKey(await keys.export(label, context, length, epoch, participant))
  }
}

interface ReceiverKeyUnderway {
  readonly participant: ParticipantId
  readonly epoch: bigint
}

/** A sender key that the worker was given, or is about to be. */
interface InstalledKey {
  readonly kid: bigint
  readonly epoch: bigint
}

const MAX_PARTICIPANTS = 1024
/** How long video is sealed under the key before, while its encoder makes a key frame. spec M59 */
const KEY_FRAME_WAIT_MS = 500

const noKey = (epoch: bigint, cause: unknown): MediaError<'ERR_MEDIA_NO_KEY'> => {
  const message = `no key to seal media with in epoch ${epoch}`
  return new MediaError('ERR_MEDIA_NO_KEY', { epoch }, { message, cause })
}
