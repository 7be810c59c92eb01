/**
 * One thing after the other, and not too many of them.
 *
 * @module
 */

/** Most tasks that wait in one inbox; further ones are refused. spec S14 */
export const MAX_INBOX_TASKS = 512

/**
 * A bounded queue of tasks that runs them one at a time in order: the messages of a peer, and what this side
 * does to the same connection in between.
 */
export class Inbox {
  readonly #failed: (error: unknown) => void
  readonly #tasks: (() => Promise<void> | void)[] = []
  #running = false
  #closed = false

  /** `failed` hears what a task throws; the next one runs all the same. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** Queues a task; `false` if there are too many, or the inbox is closed: then it never runs. */
  push(task: () => Promise<void> | void): boolean {
    if (this.#closed || this.#tasks.length >= MAX_INBOX_TASKS) return false
    this.#tasks.push(task)
    if (!this.#running) void this.#run()
    return true
  }

  /** Forgets what waits. A task that runs is not interrupted. */
  close(): void {
    this.#closed = true
    this.#tasks.length = 0
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      try {
        await task()
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#running = false
  }
}
