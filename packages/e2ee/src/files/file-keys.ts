import { concatBytes, textToBytes } from '@conclave/base'
import { deriveBytes, importAesGcmKey, importHkdfKey, wipe } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { FILE_HEADER_BYTES, isChunkSize } from './file-layout.ts'

/** The secret of a file and its form, from which its keys are derived. */
export interface FileSecrets {
  /** Of the sealed bytes; left out: 2, which has an index. 3 grows. spec F2, Q7 */
  readonly format?: FileFormat
  readonly fileId: Uint8Array
  readonly key: Uint8Array
  readonly chunkSize: number
  readonly padded: boolean
}

/** A form of sealed bytes. spec F2, Q7 */
export type FileFormat = 2 | 3

/** The key of a file's chunks, and the header that the file begins with. */
export interface FileKeys {
  readonly chunkKey: SecretKey
  /** The only header that this key has. */
  readonly header: Uint8Array<ArrayBuffer>
}

/** Derives the chunk key and the header with its commitment. Changes and keeps nothing of its arguments. spec F3 */
export async function deriveFileKeys(secrets: FileSecrets): Promise<FileKeys> {
  const { fileId, key, chunkSize, padded, format = FORMAT } = secrets
  const form = [format, Math.log2(chunkSize), padded ? PADDED : 0, 0]
  const start = concatBytes(MAGIC, Uint8Array.from(form), fileId)
  const salt = new Uint8Array(fileId)
  const material = await importHkdfKey(new Uint8Array(key))
  const output = await deriveBytes(material, { salt, info: concatBytes(LABEL, start), length: 64 })
  const header = concatBytes(start, output.subarray(32))
  const chunkKey = await importAesGcmKey(output.slice(0, 32))
  wipe(output)
  return { chunkKey, header }
}

/** Whether bytes have the form of a header, of any file of a format. spec F9 */
export function isFileHeader(bytes: Uint8Array, format: FileFormat = FORMAT): boolean {
  return (
    bytes.length === FILE_HEADER_BYTES &&
    MAGIC.every((byte, at) => bytes[at] === byte) &&
    bytes[4] === format &&
    isChunkSize(2 ** (bytes[5] ?? 0)) &&
    ((bytes[6] ?? 0) & ~PADDED) === 0 &&
    bytes[7] === 0
  )
}

const MAGIC: Uint8Array = textToBytes('CVLF')
const LABEL: Uint8Array = textToBytes('conclave/1 file\0')
const FORMAT = 2
const PADDED = 1
