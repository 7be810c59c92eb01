/**
 * The bounded queue of one link.
 *
 * @module
 */
import { RateLimiter, TaskQueue } from '@conclave/base'
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
  // The other half is for this side's own changes: a flood of messages must not displace them.
  readonly #tasks = new TaskQueue({ maxWaiting: 2 * MAX_WAITING_MESSAGES })
  readonly #messages = new RateLimiter(MESSAGES)
  readonly #events: LinkQueueEvents

  constructor(events: LinkQueueEvents) {
    this.#events = events
  }

  /** Queues the handling of a message, if the peer does not say too much; at most {@link MAX_WAITING_MESSAGES} tasks wait before it. */
  handle(task: () => Promise<void> | void): void {
    if (!this.#messages.take(this.#events.nowMs())) this.#events.dropped('rate')
    else if (this.#tasks.size > MAX_WAITING_MESSAGES) this.#events.dropped('overflow')
    else this.change(task)
  }

  /** Queues a change that this side makes. Does nothing after {@link LinkQueue.close}. */
  change(task: () => Promise<void> | void): void {
    if (this.#tasks.closed) return
    const done = this.#tasks.run(task)
    if (done === undefined) return this.#events.dropped('overflow')
    done.catch((error: unknown) => {
      if (!this.#tasks.closed) this.#events.failed(error)
    })
  }

  /** Forgets the tasks that wait. A task that runs is not interrupted. */
  close(): void {
    this.#tasks.abandon()
  }
}

/** Messages of a peer for one link. spec S117 */
export const MESSAGES = { burst: 1024, perSecond: 32 }
