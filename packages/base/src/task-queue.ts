/** Runs tasks one after the other, in the order of the calls, and refuses what would wait too long. */
export class TaskQueue {
  readonly #maxWaiting: number
  readonly #waiting: Task[] = []
  #running = false
  #closed = false

  /** @param options.maxWaiting how many tasks may wait for the one that runs */
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
    if (this.#closed || this.#waiting.length >= this.#maxWaiting) return undefined
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
      if (!this.#running) void this.#drain()
    })
  }

  /** Takes no more tasks; resolves when those that wait are done. */
  async close(): Promise<void> {
    this.#closed = true
    await new Promise<void>((resolve) => {
      if (this.size === 0) resolve()
      else this.#waiting.push({ start: async () => resolve(), reject: () => resolve() })
    })
  }

  /** Takes no more tasks and rejects those that wait; the one that runs is not interrupted. */
  abandon(): void {
    this.#closed = true
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the queue was abandoned'))
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
