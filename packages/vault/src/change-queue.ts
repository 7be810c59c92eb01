import { VaultError } from './errors.ts'
import { MAX_WAITING_CHANGES } from './limits.ts'

/** Runs one piece of work after the other, in the order of the calls, and refuses what would wait too long. */
export class ChangeQueue {
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #closed = false

  /** Whether {@link ChangeQueue.close} was called. */
  get closed(): boolean {
    return this.#closed
  }

  /** @throws VaultError `ERR_VAULT_CLOSED`, `ERR_VAULT_BUSY`, and what the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new VaultError('ERR_VAULT_CLOSED', undefined)
    if (this.#waiting >= MAX_WAITING_CHANGES) {
      throw new VaultError('ERR_VAULT_BUSY', { maxWaiting: MAX_WAITING_CHANGES })
    }
    this.#waiting += 1
    const result = this.#tail.then(work)
    this.#tail = result.then(ignore, ignore)
    try {
      return await result
    } finally {
      this.#waiting -= 1
    }
  }

  /** Takes no more work; resolves when all of it is done. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#tail
  }
}

const ignore = (): void => {}
