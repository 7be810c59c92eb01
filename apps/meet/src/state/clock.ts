/**
 * Time as an argument, so that tests run on a clock of their own.
 *
 * @module
 */

/** What the state layer needs of time; `setTimeout` returns a handle that only `clearTimeout` reads. */
export interface Clock {
  now(): number
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
}
