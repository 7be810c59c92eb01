import { openGrowingFile } from '@conclave/e2ee/files'
import type { FileSource, OpenedGrowingFile } from '@conclave/e2ee/files'
import type { RecordingKey } from '../recording-key.ts'

/**
 * Opens a recording into the bytes of its WebM, also one that was cut off: `ended` says whether it is complete. You must keep the bytes
 * from where others read, and use them before a failure of the stream as a beginning only. spec Q8
 *
 * @throws TypeError that names the argument
 * @throws E2eeError `ERR_E2EE_OPEN_FAILED`, `ERR_E2EE_MALFORMED`, as the failure of the stream
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`, as the failure of the stream
 */
export function openRecording(
  sealed: FileSource,
  key: RecordingKey,
  options: { readonly signal?: AbortSignal } = {},
): OpenedGrowingFile {
  return openGrowingFile(sealed, key, options)
}
