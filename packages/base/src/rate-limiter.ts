/** How much passes: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * A token bucket as one number, the time at which it will be full again (the generic cell rate algorithm,
 * ITU-T I.371): no timers, and nothing that grows. Time is an argument.
 */
export class RateLimiter {
  readonly #intervalMs: number
  readonly #toleranceMs: number
  #fullAtMs = -Infinity

  get [Symbol.toStringTag](): string {
    return 'RateLimiter'
  }

  constructor({ perSecond, burst }: Rate) {
    this.#intervalMs = 1000 / perSecond
    this.#toleranceMs = burst * this.#intervalMs
  }

  /** Takes `cost` tokens; returns `false` and takes none when there are fewer. */
  take(nowMs: number, cost = 1): boolean {
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + cost * this.#intervalMs
    if (fullAtMs - nowMs > this.#toleranceMs + ROUNDING_MS) return false
    this.#fullAtMs = fullAtMs
    return true
  }

  /**
   * Takes `cost` tokens even when there are fewer, as a debt: later calls wait until it is paid. For a sender that must
   * send something larger than the burst, once {@link RateLimiter.waitMs} says 0.
   */
  force(nowMs: number, cost = 1): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + cost * this.#intervalMs
  }

  /**
   * The whole milliseconds until `cost` tokens, or the whole burst if that is less, are available; 0 if they are now.
   */
  waitMs(nowMs: number, cost = 1): number {
    const costMs = Math.min(cost * this.#intervalMs, this.#toleranceMs)
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + costMs
    return Math.max(0, Math.ceil(fullAtMs - nowMs - this.#toleranceMs - ROUNDING_MS))
  }

  /** Gives no token before `untilMs`. */
  pauseUntil(untilMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, untilMs + this.#toleranceMs)
  }

  /** Whether the bucket is full: nothing was taken that still counts. */
  isIdle(nowMs: number): boolean {
    return this.#fullAtMs <= nowMs
  }
}

/** Sums of fractions of milliseconds are not exact. */
const ROUNDING_MS = 0.001
