/**
 * The state that is kept of one other session: where its streams stand, in both directions.
 *
 * @module
 */
import { TaskQueue } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { ReceiveOrder } from './receive-order.ts'
import { SendLog } from './send-log.ts'

/** An authenticated message that waits for its turn; `undefined` stands for one that was handled at once. */
export interface Turn {
  readonly kind: number
  readonly audience: 'room' | 'direct'
  readonly body: Uint8Array
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
  /** When a gap was last answered with a hello. */
  askedAtMs: number = Number.NEGATIVE_INFINITY
  readonly #incoming = new TaskQueue({ maxWaiting: MAX_WAITING })
  #settled: Promise<void> = Promise.resolve()

  constructor(id: ParticipantId) {
    this.id = id
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
