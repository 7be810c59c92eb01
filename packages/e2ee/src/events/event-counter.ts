import { randomBytes } from '@conclave/crypto'

/** The place of an event among those of its sender. spec P39 */
export interface EventPlace {
  /** Identifies the counter: higher for one that began later. */
  readonly stream: number
  /** 0 for the first event of the counter, one more for each further one. */
  readonly sequence: number
}

/** Random bits of a stream: seconds since 1970 take 32 bits until 2106, and a number has 53. spec P39 */
export const STREAM_RANDOM_BITS = 21

/**
 * Numbers the events of one sender, so that receivers notice repeated, late and missing ones. Stores nothing: a reload
 * begins a new stream, above the earlier ones. You must make one for each sender and session, and use it for one group
 * of receivers, or they see gaps. spec P39
 */
export class EventCounter {
  readonly #stream: number
  #next = 0

  get [Symbol.toStringTag](): string {
    return 'EventCounter'
  }

  /**
   * @param options.now the time in milliseconds since 1970, as `Date.now()` gives it: receivers drop
   *   a stream that begins more than a day after their clocks' time, as `ahead`
   * @throws TypeError, RangeError if `now` is no time
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  constructor({ now }: { readonly now: number }) {
    if (typeof now !== 'number')
      throw new TypeError(`"now" expected number, got type=${typeof now}`)
    const seconds = Math.floor(now / 1000)
    if (!(seconds >= 0 && seconds < 2 ** 32)) {
      throw new RangeError(`"now" expected milliseconds since 1970, got ${now}`)
    }
    // Two sessions that begin in the same second differ by chance.
    const random = new DataView(randomBytes(4).buffer).getUint32(0)
    this.#stream = seconds * 2 ** STREAM_RANDOM_BITS + (random >>> (32 - STREAM_RANDOM_BITS))
  }

  /** Names this session among those of the sender. */
  get stream(): number {
    return this.#stream
  }

  /** The place of the next event, which no other one gets. */
  take(): EventPlace {
    const sequence = this.#next
    this.#next += 1
    return { stream: this.#stream, sequence }
  }
}
