import { checkFunction, checkInteger, checkObject, describeType } from '@conclave/base'
import type { FileStreamOptions } from './ordered-stream.ts'

/**
 * Checks the options that everything that takes long has.
 *
 * @throws TypeError that names the argument
 */
export function checkStreamOptions(options: unknown): asserts options is FileStreamOptions {
  checkObject('options', options)
  const { signal, onProgress } = options as { readonly [name: string]: unknown }
  if (
    signal !== undefined &&
    typeof (signal as AbortSignal | null)?.addEventListener !== 'function'
  ) {
    throw new TypeError(`"signal" expected AbortSignal, got ${describeType(signal)}`)
  }
  if (onProgress !== undefined) checkFunction('onProgress', onProgress)
}

/**
 * Checks a number of bytes.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkByteCount(name: string, value: unknown): number {
  return checkInteger(name, value, { min: 0, max: Number.MAX_SAFE_INTEGER })
}
