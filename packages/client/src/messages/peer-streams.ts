/**
 * What a channel remembers of one other session: where its streams stand, in both directions.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import { ReceiveOrder } from './receive-order.ts'
import { SendLog } from './send-log.ts'

/** An authenticated message that waits for its turn; `undefined` stands for one that was handled at once. */
export interface Turn {
  readonly kind: number
  readonly audience: 'room' | 'direct'
  readonly body: Uint8Array
}

/** Where another session stands with the hub, as the hub tells it. */
export type Presence = 'present' | 'lost' | 'left'

/** Everything about one other session. It outlives the session's leaving, because replay windows must spec R15. */
export class PeerStreams {
  readonly id: ParticipantId
  /** What was said to it alone. */
  readonly directLog: SendLog = new SendLog()
  /** What it says to this session alone; a session's streams start at 0. */
  readonly direct: ReceiveOrder<Turn | undefined> = new ReceiveOrder(0)
  /** What it says to the room; known from its first hello on. */
  room: ReceiveOrder<Turn | undefined> | undefined
  presence: Presence = 'present'
  /** Whether it is in the roster spec R11. */
  confirmed = false
  /** When a gap was last answered with a hello. */
  askedAtMs: number = Number.NEGATIVE_INFINITY
  graceTimer: unknown
  #queue: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(id: ParticipantId) {
    this.id = id
  }

  /** Runs `task` after all earlier ones; `false`, and nothing happens, when too many wait. */
  enqueue(task: () => Promise<void>): boolean {
    if (this.#waiting >= MAX_WAITING) return false
    this.#waiting += 1
    this.#queue = this.#queue.then(task).then(
      () => this.#done(),
      (error: unknown) => {
        this.#done()
        queueMicrotask(() => {
          throw error
        })
      },
    )
    return true
  }

  /** Resolves when everything that was enqueued so far has run. */
  get settled(): Promise<void> {
    return this.#queue
  }

  #done(): void {
    this.#waiting -= 1
  }
}

const MAX_WAITING = 1024
