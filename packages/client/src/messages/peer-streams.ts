/**
 * The state that is kept of one other session: where its streams stand, in both directions.
 *
 * @module
 */
import { RateLimiter, TaskQueue } from '@conclave/base'
import type { MessageId, ParticipantId } from '@conclave/wire'
import { HeldMessages } from '../keys/held-messages.ts'
import { SenderKeyOrder } from '../keys/sender-key-order.ts'
import { MAX_MISSED, type Range, type Received } from './bodies.ts'
import { ReceiveOrder } from './receive-order.ts'
import { SendLog } from './send-log.ts'

/** An authenticated message that waits for its turn; `undefined` stands for one that was handled at once. */
export interface Turn {
  readonly kind: number
  readonly audience: 'room' | 'direct'
  /** Its place in its stream. */
  readonly sequence: number
  readonly body: Uint8Array
  /** The sender's; only messages to the room have one. spec R60 */
  readonly signature: Uint8Array | undefined
}

/** The presence of another session, as the hub reports it; `lost` ends when its grace timer fires. */
export type Presence =
  | { readonly state: 'present' }
  | { readonly state: 'lost'; readonly graceTimer: unknown }
  | { readonly state: 'left' }

/** Everything about one other session. It outlives the session's leaving, because replay windows must. spec R15 */
export class PeerStreams {
  readonly id: ParticipantId
  /** Messages that were sent to this session only. */
  readonly directLog: SendLog = new SendLog()
  /** Messages from it to this session only; a session's streams start at 0. */
  readonly direct: ReceiveOrder<Turn | undefined> = new ReceiveOrder(0)
  /** Messages from it to the room; known from its first hello on. */
  room: ReceiveOrder<Turn | undefined> | undefined
  presence: Presence = { state: 'present' }
  /** Whether it is in the roster. spec R11 */
  confirmed = false
  /** Whether it left the roster, and something that is said may still be open to it. spec R52 */
  isLeaving = false
  /** After it left, only a hello that confirms this position of the stream to it counts. spec R58 */
  returnsAfter: number | undefined
  /** The first message to the room that is owed to this session. spec R12 */
  roomStart: number | undefined
  /** The first message to the room that it is not given, since it is not in the roster. spec R53 */
  #closedFrom: number | undefined
  #missed: readonly Range[] = []
  /** The newest hello that came from it, by its position in the direct stream. */
  newestHello: number | null = null
  /** How far it has received this session's streams, as its newest hello says. */
  expects: Received = { room: null, direct: 0, hello: null, key: null, lost: 0 }
  /** The newest key that was taken from it, by its position in the direct stream. */
  newestKey: number | null = null
  /** How many of its messages to the room this session gave up. spec R223 */
  #lost = 0
  /** The first hello to it that tells so, by its position in the direct stream. */
  #lossToldAt: number | undefined
  /** How many of this session's messages to the room it gave up, as far as that is heard. */
  #lossHeard = 0
  /** Where its keys begin. */
  readonly keyOrder: SenderKeyOrder = new SenderKeyOrder()
  /** Messages of it that wait for a key. */
  readonly held: HeldMessages = new HeldMessages()
  /** The positions up to which messages were repeated to it once. spec R28 */
  readonly repeated: { room: number; direct: number } = { room: 0, direct: 0 }
  /** The newest repetition to it. */
  lastRepetition: MessageId | undefined
  /** Bounds what is repeated to it more than once. spec R28 */
  readonly repetitions: RateLimiter = new RateLimiter(REPEATED_AGAIN)
  /** Bounds the introductions of it that are opened. spec R70 */
  readonly introduced: RateLimiter = new RateLimiter(INTRODUCED)
  readonly #incoming = new TaskQueue({ maxWaiting: MAX_WAITING })
  #settled: Promise<void> = Promise.resolve()

  constructor(id: ParticipantId) {
    this.id = id
  }

  /** How far this session has received its streams. */
  get received(): Received {
    const { room, direct, newestHello, newestKey } = this
    const expected = { room: room?.expected ?? null, direct: direct.expected }
    return { ...expected, hello: newestHello, key: newestKey, lost: this.#lost }
  }

  /** This session gave up so many more of its messages to the room. */
  gaveUp(count: number): void {
    if (count === 0) return
    this.#lost += count
    this.#lossToldAt = undefined
  }

  /** A hello with {@link received} goes to it, at this position. */
  tells(sequence: number): void {
    this.#lossToldAt ??= sequence
  }

  /** Whether it does not know yet how many of its messages this session gave up. spec R223 */
  get owesLoss(): boolean {
    if (this.#lost === 0) return false
    return this.#lossToldAt === undefined || (this.expects.hello ?? -1) < this.#lossToldAt
  }

  /** How many more of this session's messages it gave up; it cannot claim more than were said. spec R223 */
  hearLoss(said: number): number {
    const more = Math.max(0, Math.min(this.expects.lost, said) - this.#lossHeard)
    this.#lossHeard += more
    return more
  }

  /** Gives it nothing that is said to the room from `from` on. spec R53 */
  closeRoom(from: number): void {
    if (this.roomStart === undefined) return
    this.#closedFrom = Math.min(from, this.#closedFrom ?? from)
  }

  /** Owes it everything that is said to the room from `from` on. spec R12, R53 */
  openRoom(from: number): void {
    this.roomStart ??= from
    if (this.#closedFrom === undefined) return
    if (this.#closedFrom < from) this.#missed = [...this.missed, [this.#closedFrom, from]]
    this.#closedFrom = undefined
    const [[first] = [0], [, last] = [0, 0], ...others] = this.#missed
    if (this.#missed.length > MAX_MISSED) this.#missed = [[first, last], ...others]
  }

  /** The first message that is said while it is not in the roster: it loses nothing from there on. Infinite while it is. */
  get closedFrom(): number {
    return this.#closedFrom ?? Number.POSITIVE_INFINITY
  }

  /** The messages to the room that it is not given, as far as it has not passed them. spec R53 */
  get missed(): readonly Range[] {
    const passed = this.expects.room ?? 0
    return this.#missed.filter(([, to]) => to > passed)
  }

  /** Whether a message to the room is owed to it. */
  isOwed(sequence: number): boolean {
    if (this.roomStart === undefined || sequence < this.roomStart) return false
    if (sequence >= this.closedFrom) return false
    return this.#missed.every(([from, to]) => sequence < from || sequence >= to)
  }

  /** Whether a message of it is known to exist that has not come. */
  get hasGap(): boolean {
    return this.direct.hasGap || this.room?.hasGap === true
  }

  /** Whether it left, by the hub's word. */
  get hasLeft(): boolean {
    return this.presence.state === 'left'
  }

  /** Whether it is in the roster and has confirmed a message to the room, or what hellos said after it. spec Q3 */
  hasConfirmed(sequence: number): boolean {
    return this.confirmed && (this.expects.room ?? 0) > sequence
  }

  /** Whether it is in the roster and the hub names it. */
  get isHere(): boolean {
    return this.confirmed && this.presence.state === 'present'
  }

  /** Runs `task` after all earlier ones; returns `false`, and does nothing, when too many wait. */
  enqueue(task: () => Promise<void>): boolean {
    const done = this.#incoming.run(task)
    if (done === undefined) return false
    this.#settled = done
    return true
  }

  /** Resolves when every task that was enqueued so far has run. */
  get settled(): Promise<void> {
    return this.#settled
  }
}

const MAX_WAITING = 1024
const INTRODUCED = { perSecond: 4, burst: 32 }
const REPEATED_AGAIN = { perSecond: 32, burst: 128 }
