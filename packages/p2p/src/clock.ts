/**
 * Time as an argument: retries, back-off and silence are measured on a clock that tests turn by hand.
 *
 * @module
 */

/** A source of time and timers; {@link systemClock} in an app, a virtual one in tests. */
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
