import { equalBytes } from '@conclave/base'
import { malformedError, openFailedError } from './file-errors.ts'
import { isFileHeader } from './file-keys.ts'
import type { FileFormat } from './file-keys.ts'
import { FILE_HEADER_BYTES } from './file-layout.ts'
import type { SourceReader } from './source-reader.ts'

/**
 * Reads the header of a sealed file, and compares it with the only one that its key has. spec F3, F9
 *
 * @throws E2eeError `ERR_E2EE_MALFORMED`, `ERR_E2EE_OPEN_FAILED`
 */
export async function checkHeader(
  reader: SourceReader,
  header: Uint8Array,
  format?: FileFormat,
): Promise<void> {
  const given = new Uint8Array(FILE_HEADER_BYTES)
  if ((await reader.fill(given)) < given.length || !isFileHeader(given, format)) {
    throw malformedError('sealed file')
  }
  if (!equalBytes(given, header)) throw openFailedError()
}
