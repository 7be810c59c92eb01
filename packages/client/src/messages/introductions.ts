/**
 * The introductions of this session and the keys of its pairs: what it says to one other session only, no third member
 * reads or writes. spec section 3, "Introductions"
 *
 * @module
 */
import { Emitter, compareBytes, equalBytes } from '@conclave/base'
import type { DropReason, KeySource } from '@conclave/e2ee'
import { deriveOwnerFingerprint } from '@conclave/e2ee/authority'
import {
  type IntroductionStatus,
  type OpenedIntroduction,
  type PairKeys,
  type PersonCertificate,
  type SealedIntroduction,
  type SessionKeys,
  createPairKeys,
  openIntroduction,
  sealIntroduction,
} from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { type PersonId, derivePersonId } from '../persons/person-id.ts'

/** The words of a session about itself. */
export interface IntroducedPerson {
  /** Empty unless it asks to be let in. */
  readonly name: string
  readonly personKey: Uint8Array<ArrayBuffer> | undefined
  readonly person: PersonId | undefined
}

/** An introduction of another session that opened. Nothing of it counts until it is accepted. */
export interface ReceivedIntroduction extends IntroducedPerson {
  readonly type: 'opened'
  readonly status: IntroductionStatus
  /** Names the introduction in an answer; `undefined` when none is wanted. */
  readonly question: Uint8Array | undefined
  readonly sender: OpenedIntroduction['sender']
  readonly certificate: PersonCertificate | undefined
  /** Whether the person is the room's owner. */
  readonly isOwner: boolean
}

/** An introduction of another session, after its keys were taken. */
export interface Introduced {
  /** Whether its pair is new here. */
  readonly isNew: boolean
  /** Names the introduction in an answer; `undefined` when none is wanted. */
  readonly question: Uint8Array | undefined
}

/** The reason why an introduction changed nothing. */
export interface NotIntroduced {
  readonly type: 'dropped'
  readonly reason: DropReason
}

/** The keys of another session, and the person that certifies it, as its introductions say. spec R86 */
export interface Introduction {
  readonly signingKey: Uint8Array<ArrayBuffer>
  readonly personKey: Uint8Array<ArrayBuffer> | undefined
  readonly person: PersonId | undefined
  /** The person's word that the session is its own, which holds for everyone in the room. */
  readonly certificate: PersonCertificate | undefined
  /** Whether the person is the room's owner, on each device with the owner's key. spec R106 */
  readonly isOwner: boolean
}

/** Introduces one session to others, and holds the keys of each pair until the root that they were made with retires. */
export class Introductions {
  /** The keys of each pair, for the sealer. */
  readonly pairs: ReadonlyMap<ParticipantId, PairKeys>
  readonly #session: SessionKeys
  readonly #root: KeySource
  readonly #room: RoomId
  readonly #owner: Uint8Array | undefined
  readonly #person: PersonCertificate | undefined
  readonly #name: () => string
  readonly #question: 'asks' | 'looks'
  readonly #pairs: Map<ParticipantId, PairKeys>
  readonly #introductionById = new Map<ParticipantId, Introduction>()
  readonly #epochById = new Map<ParticipantId, bigint>()
  readonly #questionById = new Map<ParticipantId, Question>()
  readonly #emitter = new Emitter<IntroductionsEvents>()
  readonly #stops: readonly (() => void)[]
  #closed = false

  /**
   * @param options.root the key source whose root all members hold
   * @param options.pairs where the sealer looks for the keys of pairs; empty
   * @param options.owner the fingerprint of the room's owner. Left out: nobody owns the room
   * @param options.person the person that certifies the session. Left out: none does
   * @param options.name the name to ask with; empty, or left out: no name is told
   * @param options.question the status of the introductions that ask; left out: the session asks to be admitted
   */
  constructor(options: {
    readonly pairs: Map<ParticipantId, PairKeys>
    readonly session: SessionKeys
    readonly root: KeySource
    readonly room: RoomId
    readonly owner?: Uint8Array | undefined
    readonly person?: PersonCertificate | undefined
    readonly name?: (() => string) | undefined
    readonly question?: 'asks' | 'looks'
  }) {
    this.#session = options.session
    this.#question = options.question ?? 'asks'
    this.#owner = options.owner
    this.#person = options.person
    this.#name = options.name ?? (() => '')
    this.#root = options.root
    this.#room = options.room
    this.#pairs = options.pairs
    this.pairs = this.#pairs
    this.#stops = [
      options.root.on('epochRetired', ({ epoch }) => void this.#retire((made) => made === epoch)),
      options.root.on('epochChanged', () => this.#emitter.emit('rootChanged', {})),
    ]
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof IntroductionsEvents>(
    type: T,
    handler: (event: IntroductionsEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** Whether the keys of a pair are there, and under the present root. spec R59 */
  isCurrent(participant: ParticipantId): boolean {
    return this.#epochById.get(participant) === this.#root.epoch
  }

  /** Ends the keys of pairs that were made under an earlier root, and answers with whom. spec R59 */
  endEarlier(): readonly ParticipantId[] {
    return this.#retire((made) => made !== this.#root.epoch)
  }

  /** The introduction that asks this session: the same bytes each time, until the root changes. spec R43 */
  async ask(recipient: ParticipantId): Promise<Uint8Array> {
    const { epoch } = this.#root
    const asked = this.#questionById.get(recipient)
    if (asked?.epoch === epoch) return asked.bytes
    const name = this.#name()
    const sealed = await this.#seal(recipient, { status: this.#question, wantsAnswer: true, name })
    this.#questionById.set(recipient, { ...sealed, epoch })
    return sealed.bytes
  }

  /** The introduction that answers one of another session. spec R43, R70 */
  async answer(
    recipient: ParticipantId,
    { question, status }: { readonly question: Uint8Array; readonly status: Answer },
  ): Promise<Uint8Array> {
    return (await this.#seal(recipient, { status, answers: question })).bytes
  }

  /** Opens what a carrier attributes to `sender`; {@link accept} takes its keys. Changes nothing. spec R44 */
  async open(
    sender: ParticipantId,
    payload: Uint8Array,
  ): Promise<ReceivedIntroduction | NotIntroduced> {
    const self = this.#session.id
    const opened = await openIntroduction(payload, {
      ...{ root: this.#root, room: this.#room, sender, self },
    })
    if (opened.type === 'dropped') return opened
    const { status, answers, wantsAnswer, digest, name } = opened
    const asked = this.#questionById.get(sender)?.digest
    // A late answer, or one to a question of another time: the next question gets its own.
    if (answers !== undefined && (asked === undefined || compareBytes(asked, answers) !== 0)) {
      return dropped('replay')
    }
    const introduction = await this.#introductionOf(opened)
    if (introduction === undefined) return dropped('not-authentic')
    const question = wantsAnswer ? digest : undefined
    const { sender: from } = opened
    return { ...introduction, type: 'opened', status, question, sender: from, name }
  }

  /** Makes the keys of the pair: `undefined` when those of the room ended meanwhile. spec R43 */
  async accept(received: ReceivedIntroduction): Promise<Introduced | undefined> {
    const { sender, personKey, person, certificate, isOwner, question } = received
    const isNew = await this.#pair(sender).catch(() => undefined)
    if (isNew === undefined) return undefined
    const { id, signingKey } = sender
    this.#introductionById.set(id, { signingKey, personKey, person, certificate, isOwner })
    return { isNew, question }
  }

  /** The introduction of a session, as long as it is remembered. */
  of(participant: ParticipantId): Introduction | undefined {
    return this.#introductionById.get(participant)
  }

  /** Drops the keys of a pair, and everything else about the other session. */
  forget(participant: ParticipantId): void {
    this.#dropPair(participant)
    this.#introductionById.delete(participant)
  }

  /** Drops the keys of all pairs. */
  close(): void {
    this.#closed = true
    for (const stop of this.#stops) stop()
    this.#emitter.clear()
    for (const participant of [...this.#pairs.keys()]) this.#dropPair(participant)
    this.#questionById.clear()
    this.#introductionById.clear()
  }

  /** A session stays that of the person who came with its first introduction. spec R86 */
  async #introductionOf({
    sender,
    personKey,
    person: certificate,
  }: OpenedIntroduction): Promise<Introduction | undefined> {
    const known = this.#introductionById.get(sender.id)
    if (known !== undefined) {
      const isSame =
        known.personKey === undefined || personKey === undefined
          ? known.personKey === personKey
          : equalBytes(known.personKey, personKey)
      return isSame ? known : undefined
    }
    const { signingKey } = sender
    const person = personKey && (await derivePersonId(personKey, { room: this.#room }))
    const isOwner = await this.#isOwner(personKey)
    return { signingKey, personKey, person, certificate, isOwner }
  }

  async #isOwner(personKey: Uint8Array | undefined): Promise<boolean> {
    if (personKey === undefined || this.#owner === undefined) return false
    return equalBytes(await deriveOwnerFingerprint(personKey), this.#owner)
  }

  #dropPair(participant: ParticipantId): void {
    this.#pairs.get(participant)?.close()
    this.#pairs.delete(participant)
    this.#epochById.delete(participant)
    this.#questionById.delete(participant)
  }

  /** Members change the root one after the other: the pair is made again with the one of the newest introduction. */
  async #pair(sender: OpenedIntroduction['sender']): Promise<boolean> {
    const { id } = sender
    while (!this.#closed) {
      const { epoch } = this.#root
      if (this.#epochById.get(id) === epoch) return false
      const options = { session: this.#session, root: this.#root, room: this.#room, peer: sender }
      const keys = await createPairKeys(options)
      if (this.#closed || this.#root.epoch !== epoch) {
        keys.close()
        continue
      }
      this.#pairs.get(id)?.close()
      this.#pairs.set(id, keys)
      this.#epochById.set(id, epoch)
      this.#emitter.emit('paired', { participant: id })
      return true
    }
    return false
  }

  #seal(
    recipient: ParticipantId,
    introduction: Parameters<typeof sealIntroduction>[0],
  ): Promise<SealedIntroduction> {
    const options = { root: this.#root, session: this.#session, room: this.#room, recipient }
    return sealIntroduction({ ...introduction, person: this.#person }, options)
  }

  #retire(isOver: (epoch: bigint) => boolean): readonly ParticipantId[] {
    const ended = [...this.#epochById].filter(([, epoch]) => isOver(epoch)).map(([id]) => id)
    for (const participant of ended) {
      this.#dropPair(participant)
      this.#emitter.emit('retired', { participant })
    }
    return ended
  }
}

/** Events of {@link Introductions}. */
interface IntroductionsEvents {
  /** A pair has new keys, in place of those that it had, if any. */
  readonly paired: { readonly participant: ParticipantId }
  /** The keys of a pair ended with the root that they were made with. */
  readonly retired: { readonly participant: ParticipantId }
  readonly rootChanged: Record<never, never>
}

const dropped = (reason: DropReason): NotIntroduced => ({ type: 'dropped', reason })

/** The statuses that answer an introduction. */
export type Answer = Exclude<IntroductionStatus, 'asks'>

/** An introduction that asks, and the epoch of the root that it was sealed under. */
interface Question extends SealedIntroduction {
  readonly epoch: bigint
}
