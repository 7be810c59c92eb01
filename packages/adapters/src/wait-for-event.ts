import { AdapterError } from './errors.ts'

/** A source of events, as far as waiting needs it. */
export interface Listenable<T extends string> {
  addEventListener(type: T, listener: () => void): void
  removeEventListener(type: T, listener: () => void): void
}

/**
 * Waits for the first of some events.
 *
 * @throws AdapterError `ERR_ADAPTER_CLOSED` when the signal aborts. spec T5
 */
export function waitForEvent<T extends string>(
  target: Listenable<T>,
  types: readonly T[],
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const type of types) target.removeEventListener(type, happen)
      signal.removeEventListener('abort', abort)
    }
    const happen = (): void => {
      stop()
      resolve()
    }
    const abort = (): void => {
      stop()
      reject(new AdapterError('ERR_ADAPTER_CLOSED', undefined))
    }
    for (const type of types) target.addEventListener(type, happen)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
  })
}

/** The data of a message event. */
export function dataOf(event: object): unknown {
  return (event as { readonly data?: unknown }).data
}
