import { StoredRecord } from '@conclave/base'
import type { RecordFormat, RecordOptions, RecordStorage } from '@conclave/base'
import { E2eeError } from '../errors.ts'

/**
 * A record in a storage, or in memory without one.
 *
 * @throws TypeError for a storage without its methods
 */
export function createRecord<T>(
  format: RecordFormat<T>,
  storage: RecordStorage | undefined,
): StoredRecord<T> {
  return new StoredRecord(recordOptions(format), storage)
}

/** The format with this package's errors, `ERR_E2EE_STORAGE`. */
export function recordOptions<T>(format: RecordFormat<T>): RecordOptions<T> {
  return { format, failure: storageError }
}

/** The error for a record that cannot be read, or that others kept changing. */
export function storageError(reason: 'damaged' | 'conflict'): E2eeError<'ERR_E2EE_STORAGE'> {
  const message =
    reason === 'damaged' ? 'the storage holds something else' : 'the storage kept changing'
  return new E2eeError('ERR_E2EE_STORAGE', { reason }, { message })
}
