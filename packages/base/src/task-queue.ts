/** Runs tasks one after the other, in the order of the calls, and refuses tasks beyond its bound. */
export class TaskQueue {
  readonly #maxWaiting: number
  readonly #waiting: Task[] = []
  #running = false
  #draining: Promise<void> = Promise.resolve()
  #closed = false

  get [Symbol.toStringTag](): string {
    return 'TaskQueue'
  }

  /** @param options.maxWaiting the most tasks that may wait for the one that runs */
  constructor({ maxWaiting }: { readonly maxWaiting: number }) {
    this.#maxWaiting = maxWaiting
  }

  /** How many tasks run or wait. */
  get size(): number {
    return this.#waiting.length + (this.#running ? 1 : 0)
  }

  /** Whether the queue takes no more tasks. */
  get closed(): boolean {
    return this.#closed
  }

  /**
   * Runs `task` after all earlier ones, in this call if there are none. Answers the task's result, and `undefined`
   * for a task that never runs: too many wait, or the queue is closed. A task that fails does not stop the next.
   */
  run<T>(task: () => T | Promise<T>): Promise<T> | undefined {
    const mustWait = this.#running
    if (this.#closed || (mustWait && this.#waiting.length >= this.#maxWaiting)) return undefined
    return new Promise((resolve, reject) => {
      const start = async (): Promise<void> => {
        try {
          resolve(await task())
        } catch (error) {
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the reason is the task's
          reject(error)
        }
      }
      this.#waiting.push({ start, reject })
      if (!mustWait) this.#draining = this.#drain()
    })
  }

  /** Takes no more tasks; resolves when the one that runs and those that wait are done. */
  async close(): Promise<void> {
    this.#closed = true
    // A loop, because a task that closes the queue in its first step runs before its draining has a promise.
    while (this.#running) await this.#draining
  }

  /**
   * Takes no more tasks and rejects those that wait; the one that runs is not interrupted.
   *
   * @param reason the error of those that wait
   */
  abandon(reason: Error = new Error('the queue was abandoned')): void {
    this.#closed = true
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
  }

  async #drain(): Promise<void> {
    this.#running = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await next.start()
    }
    this.#running = false
  }
}

interface Task {
  readonly start: () => Promise<void>
  readonly reject: (reason: Error) => void
}
