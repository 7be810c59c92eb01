/**
 * The state that is kept of one other session: where its streams stand, in both directions.
 *
 * @module
 */
import { RateLimiter, TaskQueue } from '@conclave/base'
import type { MessageId, ParticipantId } from '@conclave/wire'
import type { Received } from './bodies.ts'
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
  /** The first message to the room that is owed to this session. spec R12 */
  roomStart: number | undefined
  /** The newest hello that came from it, by its position in the direct stream. */
  newestHello: number | null = null
  /** How far it has received this session's streams, as its newest hello says. */
  expects: Received = { room: null, direct: 0, hello: null }
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
    const { room, direct, newestHello } = this
    return { room: room?.expected ?? null, direct: direct.expected, hello: newestHello }
  }

  /** Whether a message of it is known to exist that has not come. */
  get hasGap(): boolean {
    return this.direct.hasGap || this.room?.hasGap === true
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
