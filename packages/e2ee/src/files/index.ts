/**
 * Seals files, streams and bytes of any length, and opens them as a whole or in part. Uses only web streams and
 * WebCrypto. Normative text: spec/files.md.
 *
 * @module
 */
export type { FileSource } from './file-source.ts'
export {
  encodeFileDescription,
  FileDescription,
  isFileName,
  isFileType,
  MAX_FILE_NAME_BYTES,
  parseFileDescription,
  toFileName,
} from './file-description.ts'
export type { FileDescriptionJson, FileDescriptionParts } from './file-description.ts'
export {
  DEFAULT_CHUNK_BYTES,
  MAX_CHUNK_BYTES,
  MAX_FILE_CHUNKS,
  MIN_CHUNK_BYTES,
} from './file-layout.ts'
export { createFileOpener, DEFAULT_MAX_OPEN_BYTES, openBytes, openFile } from './open-file.ts'
export type { FileOpener } from './open-file.ts'
export { encodeGrowingFileKey, parseGrowingFileKey } from './growing/growing-file-key.ts'
export type { GrowingFileKey, GrowingFileKeyJson } from './growing/growing-file-key.ts'
export { openGrowingFile } from './growing/open-growing-file.ts'
export type { GrowingFileEnd, OpenedGrowingFile } from './growing/open-growing-file.ts'
export { sealGrowingFile } from './growing/seal-growing-file.ts'
export type { SealedGrowingFile, SealGrowingFileOptions } from './growing/seal-growing-file.ts'
export { openFileRange } from './open-file-range.ts'
export type { FileRangeOptions, ReadRange } from './open-file-range.ts'
export type { FileProgress, FileStreamOptions } from './ordered-stream.ts'
export { linkContent } from './chunk-chain.ts'
export {
  beginContent,
  countParts,
  MAX_PARTS_SIZE,
  PART_BYTES,
  partLength,
} from './parts/content-chunks.ts'
export { createFileParts, generateTransferSecrets, PART_TAG_BYTES } from './parts/file-parts.ts'
export type { FileParts, PartPlace, TransferSecrets } from './parts/file-parts.ts'
export { createFileSealer, sealBytes, sealFile } from './seal-file.ts'
export type { FileSealer, SealedBytes, SealedFile, SealFileOptions } from './seal-file.ts'
export { openFileDescription, sealFileDescription } from './sealed-description.ts'
