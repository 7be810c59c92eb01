/**
 * Keeps a publisher within the hub's limits, so that nothing has to be refused. spec R6
 *
 * @module
 */
import { RateLimiter } from '@conclave/base'
import { BOUNDS } from '../bounds.ts'

/** The limits that a hub names when a session joins: two token buckets. */
export interface PaceLimits {
  readonly publishPerSecond: number
  readonly publishBurst: number
  readonly bytesPerSecond: number
  readonly bytesBurst: number
}

/** One bucket for messages and one for bytes. */
export class Pacer {
  readonly #messages: RateLimiter
  readonly #bytes: RateLimiter

  /** @param limits the hub's; a tenth is kept in reserve because the two clocks drift against each other, and a burst is
   *   never larger than can be repeated. spec R31 */
  constructor({ publishPerSecond, publishBurst, bytesPerSecond, bytesBurst }: PaceLimits) {
    const { messages, bytes } = BOUNDS.burst
    this.#messages = withReserve(publishPerSecond, Math.min(publishBurst, messages))
    this.#bytes = withReserve(bytesPerSecond, Math.min(bytesBurst, bytes))
  }

  /** Admits one message of `bytes` and returns 0, or admits none and returns the milliseconds until it can. */
  take(bytes: number, nowMs: number): number {
    const waitMs = Math.max(this.#messages.waitMs(nowMs), this.#bytes.waitMs(nowMs, bytes))
    if (waitMs > 0) return waitMs
    this.#messages.force(nowMs)
    this.#bytes.force(nowMs, bytes)
    return 0
  }

  /** The hub refused all the same: nothing is taken before `untilMs`. */
  pauseUntil(untilMs: number): void {
    this.#messages.pauseUntil(untilMs)
  }
}

const withReserve = (perSecond: number, burst: number): RateLimiter =>
  new RateLimiter({ perSecond: perSecond * USED_PART, burst: burst * USED_PART })

const USED_PART = 0.9
