/**
 * Time as an argument, so that tests can turn it by hand.
 *
 * @module
 */

/** A source of time and timers; `systemClock` in the app, a virtual one in tests. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number
  /** Calls `callback` once after `delayMs`; gives back what `clearTimeout` takes. */
  setTimeout(callback: () => void, delayMs: number): unknown
  /** Ends a timer that has not fired. Unknown handles are ignored. */
  clearTimeout(handle: unknown): void
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}
