/**
 * The bounded queue of one link.
 *
 * @module
 */
import { RateLimiter } from '@conclave/base'
import type { SignalDropReason } from '../signalling/drop-reason.ts'
import { MAX_WAITING_MESSAGES } from '../signalling/messages.ts'

/** Callbacks of a {@link LinkQueue}. */
export interface LinkQueueEvents {
  /** The time of the clock. */
  readonly nowMs: () => number
  /** A task was refused. */
  readonly dropped: (reason: SignalDropReason) => void
  /** A task failed. The next one runs all the same. */
  readonly failed: (error: unknown) => void
}

/**
 * Runs the messages of a peer for one link, and the changes that this side makes to the same connection, one at a
 * time in order. Refused tasks are counted as `overflow`. spec S14
 */
export class LinkQueue {
  readonly #waiting: Task[] = []
  readonly #messages = new RateLimiter(MESSAGES)
  readonly #events: LinkQueueEvents
  #isRunning = false
  #isClosed = false

  constructor(events: LinkQueueEvents) {
    this.#events = events
  }

  /** Queues the handling of a message, if the peer does not say too much; at most {@link MAX_WAITING_MESSAGES} tasks wait before it. */
  handle(task: Task): void {
    if (!this.#messages.take(this.#events.nowMs())) this.#events.dropped('rate')
    else this.#add(task, MAX_WAITING_MESSAGES)
  }

  /** Queues a change that this side makes. Does nothing after {@link LinkQueue.close}. */
  change(task: Task): void {
    // The other half is for this side's own changes: a flood of messages must not displace them.
    this.#add(task, 2 * MAX_WAITING_MESSAGES)
  }

  /** Forgets the tasks that wait. A task that runs is not interrupted. */
  close(): void {
    this.#isClosed = true
    this.#waiting.length = 0
  }

  #add(task: Task, most: number): void {
    if (this.#isClosed) return
    if (this.#waiting.length >= most) return this.#events.dropped('overflow')
    this.#waiting.push(task)
    if (!this.#isRunning) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      try {
        await task()
      } catch (error) {
        if (!this.#isClosed) this.#events.failed(error)
      }
    }
    this.#isRunning = false
  }
}

/** Does something to a connection. */
type Task = () => Promise<void> | void

/** Messages of a peer for one link. spec S117 */
export const MESSAGES = { burst: 1024, perSecond: 32 }
