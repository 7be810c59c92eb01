import type { Clock } from '@conclave/base'

/** The target of a recording, with what it has taken and how long it has been taking. spec Q15 */
export class WatchedTarget {
  /** Passes everything on; nobody else writes to the target. */
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>
  readonly #clock: Clock
  #bytes = 0
  #sinceMs: number | undefined

  constructor(target: WritableStream<Uint8Array<ArrayBuffer>>, clock: Clock) {
    this.#clock = clock
    const writer = target.getWriter()
    // A write reports what fails.
    writer.closed.catch(() => {})
    this.writable = new WritableStream({
      write: async (chunk) => {
        this.#sinceMs = clock.now()
        await writer.write(chunk)
        this.#sinceMs = undefined
        this.#bytes += chunk.length
      },
      close: () => writer.close(),
      abort: (reason) => writer.abort(reason),
    })
  }

  /** The bytes that it has taken. */
  get bytes(): number {
    return this.#bytes
  }

  /** For how long it has been taking what it was given; 0 when it waits for more. */
  get busyMs(): number {
    return this.#sinceMs === undefined ? 0 : this.#clock.now() - this.#sinceMs
  }
}
