/**
 * Calls of one platform connection, which it need not settle once it is closed (WebRTC 1.0 §4.4.1.2).
 *
 * @module
 */

/** Waits for calls of the platform, until the connection is closed. */
export class PlatformCalls {
  readonly #ends = new Set<() => void>()
  #closed = false

  /** Settles as a call does; rejects when the connection is closed before, which may leave the call pending for ever. */
  settled<T>(call: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => reject(new Error('the connection was closed'))
      if (this.#closed) end()
      this.#ends.add(end)
      void call.then(resolve, reject).finally(() => this.#ends.delete(end))
    })
  }

  /** Rejects what is waited for. */
  close(): void {
    this.#closed = true
    for (const end of this.#ends) end()
    this.#ends.clear()
  }
}
