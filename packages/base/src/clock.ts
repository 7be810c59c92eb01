/** Where time comes from: an argument wherever something depends on it, so that tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, or since some other fixed moment; never goes back. */
  now(): number
  /** Calls `callback` once after `delayMs`; returns the handle for `clearTimeout`. */
  setTimeout(callback: () => void, delayMs: number): unknown
  /** Ends a timer that has not fired. Unknown handles are ignored. */
  clearTimeout(handle: unknown): void
}

/** Milliseconds since the page or the process began, which never go back. */
export const monotonicTime = (): number => performance.now()

/** The system clock, the default of `clock` arguments: monotonic, and close to the time of day. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/**
 * The time of day in milliseconds since 1970, which may be set, forward and back: the default where times of other machines are
 * compared, also after this one slept.
 */
export const timeOfDay = (): number => Date.now()
