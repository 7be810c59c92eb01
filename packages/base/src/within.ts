import type { Clock } from './clock.ts'

/**
 * Waits for a promise for a bounded time, and then for nothing more of it: its result is dropped, and so is its rejection.
 *
 * @param options.ms the longest time, in milliseconds of `clock`
 * @param options.late called when the time is over; makes the result, or throws the error
 */
export function within<T, L>(
  promise: Promise<T>,
  { clock, ms, late }: { readonly clock: Clock; readonly ms: number; readonly late: () => L },
): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      void (async () => late())().then(resolve, reject)
    }, ms)
    void promise.then(resolve, reject).finally(() => clock.clearTimeout(timer))
  })
}
