/**
 * Brings keys from the key source to the worker: the sender's own, and those that frames of others ask for.
 *
 * @module
 */
import type { KeySource } from '@conclave/e2ee'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { MediaError } from '../errors.ts'
import { baseKeyRequest } from './base-key.ts'
import { epochByteOfKid } from '../shared/kid.ts'
import type { EpochRange } from '../shared/epoch-range.ts'
import { isWithin } from '../shared/epoch-range.ts'
import { importBaseKey } from '../sframe/key-schedule.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'
import type { WorkerLink } from './worker-link.ts'

/** What media needs of a key source. */
export type MediaKeySource = Pick<
  KeySource,
  'epoch' | 'export' | 'epochEndingIn' | 'confirm' | 'on'
>

/** Whose keys, from where, to where. */
export interface KeyCourierOptions {
  readonly keys: MediaKeySource
  readonly room: RoomId
  readonly self: ParticipantId
  readonly suite: MediaSuiteId
  readonly link: WorkerLink
}

/** Knows no key longer than it takes to hand it over. */
export class KeyCourier {
  readonly #options: KeyCourierOptions
  readonly #keysOnTheWay = new Set<{
    readonly participant: ParticipantId
    readonly epoch: bigint
  }>()
  /** Epochs before it are refused: their grace is over. */
  #oldestEpoch = 0n
  /** The same, of participants who have epochs of their own. */
  readonly #oldestByParticipant = new Map<ParticipantId, bigint>()
  #senderKey: { readonly kid: bigint; readonly epoch: bigint } | undefined
  #refresh: Promise<void> | undefined

  constructor(options: KeyCourierOptions) {
    this.#options = options
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

  /** Makes a sender key of the current epoch unless there is one; without success nothing is sealed. */
  refresh(): Promise<void> {
    this.#refresh ??= this.#installSenderKey().finally(() => {
      this.#refresh = undefined
    })
    return this.#refresh
  }

  /** Answers the worker's question for a key, one way or the other. */
  async answer(participant: ParticipantId, kid: bigint): Promise<void> {
    const { link, keys } = this.#options
    const epoch = keys.epochEndingIn(epochByteOfKid(kid), participant)
    const oldest = this.#oldestByParticipant.get(participant) ?? this.#oldestEpoch
    const onTheWay = epoch !== undefined && epoch >= oldest ? { participant, epoch } : undefined
    if (onTheWay) this.#keysOnTheWay.add(onTheWay)
    try {
      if (!onTheWay) throw new Error('no such epoch')
      const baseKey = await this.#exportBaseKey({ participant, kid, epoch: onTheWay.epoch })
      if (!this.#keysOnTheWay.has(onTheWay)) throw new Error('retired')
      link.command({ type: 'receiver-key', participant, kid, epoch: onTheWay.epoch, baseKey })
    } catch {
      link.command({ type: 'receiver-key-missing', participant, kid })
    } finally {
      if (onTheWay) this.#keysOnTheWay.delete(onTheWay)
    }
  }

  /** Forgets the keys of these epochs, of one participant or of all, here and in the worker. */
  retire(epochs: EpochRange, participant?: ParticipantId): void {
    const { link, self } = this.#options
    if (epochs.first === 0n) this.#endGrace(epochs.last + 1n, participant)
    for (const key of this.#keysOnTheWay) {
      if ((participant ?? key.participant) === key.participant && isWithin(epochs, key.epoch)) {
        this.#keysOnTheWay.delete(key)
      }
    }
    const isOwn = (participant ?? self) === self
    if (isOwn && this.#senderKey && isWithin(epochs, this.#senderKey.epoch)) this.#dropSenderKey()
    link.command({ type: 'retire', epochs, participant })
  }

  #endGrace(oldest: bigint, participant: ParticipantId | undefined): void {
    if (participant === undefined) {
      this.#oldestEpoch = oldest
      return
    }
    this.#oldestByParticipant.delete(participant)
    this.#oldestByParticipant.set(participant, oldest)
    const [first] = this.#oldestByParticipant.keys()
    if (first !== undefined && this.#oldestByParticipant.size > MAX_PARTICIPANTS) {
      this.#oldestByParticipant.delete(first)
    }
  }

  async #installSenderKey(): Promise<void> {
    const { keys, link, self } = this.#options
    const { epoch } = keys
    if (this.#senderKey?.epoch === epoch) return
    try {
      const { kid } = await link.request({ type: 'make-kid', epoch })
      const baseKey = await this.#exportBaseKey({ participant: self, kid, epoch })
      await link.request({ type: 'set-sender-key', kid, baseKey })
      this.#senderKey = { kid, epoch }
    } catch (cause) {
      this.#dropSenderKey()
      throw link.failure ?? noKey(epoch, cause)
    }
    // The epoch may have changed again on the way.
    if (keys.epoch !== epoch) await this.#installSenderKey()
  }

  #dropSenderKey(): void {
    this.#senderKey = undefined
    this.#options.link.command({ type: 'drop-sender-key' })
  }

  async #exportBaseKey(named: {
    readonly participant: ParticipantId
    readonly kid: bigint
    readonly epoch: bigint
  }): Promise<CryptoKey> {
    const { keys, room, suite } = this.#options
    const { participant, kid, epoch } = named
    const { label, context, length } = baseKeyRequest(kid, { room, participant, suite })
    return importBaseKey(await keys.export(label, context, length, epoch, participant))
  }
}

/** Participants whose last grace is remembered; who is forgotten is bound by the key source alone. */
const MAX_PARTICIPANTS = 1024

const noKey = (epoch: bigint, cause: unknown): MediaError<'ERR_MEDIA_NO_KEY'> =>
  new MediaError('ERR_MEDIA_NO_KEY', {
    message: `no key to seal media with in epoch ${epoch}`,
    details: { epoch },
    cause,
  })
