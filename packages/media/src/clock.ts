/**
 * Time as an argument, so that tests turn the clock by hand.
 *
 * @module
 */

/** Where `now` and timers come from. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}
