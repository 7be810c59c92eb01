import { StoredRecord } from '@conclave/base'
import type { RecordFailure, RecordFormat, RecordOptions, RecordStorage } from '@conclave/base'
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

/** The error for a record that was not read or changed. */
export function storageError(reason: RecordFailure): E2eeError<'ERR_E2EE_STORAGE'> {
  return new E2eeError('ERR_E2EE_STORAGE', { reason }, { message: MESSAGES[reason] })
}

const MESSAGES: Readonly<Record<RecordFailure, string>> = {
  damaged: 'the storage holds something else',
  conflict: 'the storage kept changing',
  busy: 'too many changes wait for the storage',
}
