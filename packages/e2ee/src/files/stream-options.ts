import { kindOf } from '../events/event-context.ts'
import type { FileStreamOptions } from './ordered-stream.ts'

/**
 * Checks what is common to everything that takes long.
 *
 * @throws TypeError that names the argument
 */
export function checkStreamOptions(options: unknown): asserts options is FileStreamOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`"options" expected an object, got ${kindOf(options)}`)
  }
  const { signal, onProgress } = options as { readonly [name: string]: unknown }
  if (
    signal !== undefined &&
    typeof (signal as AbortSignal | null)?.addEventListener !== 'function'
  ) {
    throw new TypeError(`"signal" expected AbortSignal, got ${kindOf(signal)}`)
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`"onProgress" expected function, got ${kindOf(onProgress)}`)
  }
}

/**
 * Checks a number of bytes.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkByteCount(name: string, value: unknown): number {
  if (typeof value !== 'number') {
    throw new TypeError(`"${name}" expected number, got ${kindOf(value)}`)
  }
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`"${name}" expected an integer that is not negative, got ${value}`)
}
