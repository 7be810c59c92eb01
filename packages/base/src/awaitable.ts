/** A value, or a promise of it where a platform works in another thread. */
export type Awaitable<T> = T | Promise<T>
