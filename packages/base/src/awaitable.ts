/** A value, or a promise of it where a platform works in another thread. */
export type Awaitable<T> = T | Promise<T>

/** Goes on with a value: at once if it is there, as a promise costs as much as a short piece of work. */
export function after<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? value.then(next) : next(value)
}

/** Whether a value is a promise, of any realm. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function'
}
