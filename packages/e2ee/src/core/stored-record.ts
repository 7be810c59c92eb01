import { callStorage, checkStorage, StoredRecord } from '@conclave/base'
import type { RecordFailure, RecordFormat, RecordOptions, RecordStorage } from '@conclave/base'
import { E2eeError } from '../errors.ts'

/**
 * A record in a storage, or in memory for `'none'`.
 *
 * @throws TypeError for a storage without its methods
 */
export function createRecord<T>(
  format: RecordFormat<T>,
  storage: RecordStorage | 'none',
): StoredRecord<T> {
  return new StoredRecord(recordOptions(format), guardStorage(storage))
}

/** The format with this package's errors, `ERR_E2EE_STORAGE`. */
export function recordOptions<T>(format: RecordFormat<T>): RecordOptions<T> {
  return { format, failure: storageError }
}

/**
 * The storage, with its failures as `ERR_E2EE_STORAGE`; `undefined` for `'none'`.
 *
 * @throws TypeError for a storage without its methods
 */
export function guardStorage(storage: RecordStorage | 'none'): RecordStorage | undefined {
  if (storage === 'none') return undefined
  checkStorage('storage', storage)
  return {
    read: () => callStorage(() => storage.read(), failedStorage),
    write: (bytes, expected) => callStorage(() => storage.write(bytes, expected), failedStorage),
    ...(storage.append && {
      append: (bytes: Uint8Array, expected?: string) =>
        callStorage(() => storage.append?.(bytes, expected), failedStorage),
    }),
  }
}

/** The error for a storage that threw. */
export const failedStorage = (cause: unknown): E2eeError => storageError('failed', cause)

/** The error for a record that was not read or changed, or whose storage threw. */
export function storageError(
  reason: RecordFailure | 'failed',
  cause?: unknown,
): E2eeError<'ERR_E2EE_STORAGE'> {
  return new E2eeError('ERR_E2EE_STORAGE', { reason }, { message: `storage ${reason}`, cause })
}
