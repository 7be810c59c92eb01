/** How much passes: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * A bucket as one number, the time at which it will be empty again (the generic cell rate algorithm,
 * ITU-T I.371): no timers, and nothing that grows.
 */
export class RateLimiter {
  readonly #intervalMs: number
  readonly #toleranceMs: number
  #emptyAtMs = 0

  constructor({ perSecond, burst }: Rate) {
    this.#intervalMs = 1000 / perSecond
    this.#toleranceMs = burst * this.#intervalMs + ROUNDING_MS
  }

  /** Takes `cost` out of what is left; `false`, and nothing taken, when it is not there. */
  take(nowMs: number, cost = 1): boolean {
    const emptyAtMs = Math.max(this.#emptyAtMs, nowMs) + cost * this.#intervalMs
    if (emptyAtMs - nowMs > this.#toleranceMs) return false
    this.#emptyAtMs = emptyAtMs
    return true
  }

  /** Whether nothing was taken that still counts. */
  isIdle(nowMs: number): boolean {
    return this.#emptyAtMs <= nowMs
  }
}

/** Sums of fractions of milliseconds are not exact. */
const ROUNDING_MS = 0.001
