import { TAG_BYTES } from '@conclave/crypto'
import { paddedLength } from '../events/padding.ts'

/** Bytes of a chunk unless the caller chooses: 64 KiB. spec F2 */
export const DEFAULT_CHUNK_BYTES: number = 2 ** 16

/** The smallest chunk that can be chosen: 4 KiB. spec F2 */
export const MIN_CHUNK_BYTES: number = 2 ** 12

/** The largest chunk that can be chosen: 1 MiB. spec F2 */
export const MAX_CHUNK_BYTES: number = 2 ** 20

/** Chunks of a file, at most. spec F5 */
export const MAX_FILE_CHUNKS: number = 2 ** 24

/** Length of the header in bytes. spec F2 */
export const FILE_HEADER_BYTES = 56

/** Length of a digest in bytes, which is an entry of the index. spec F16 */
export const DIGEST_BYTES = 32

/** Entries in a row of the index, of which the level above has one digest. spec F16 */
export const ROW_ENTRIES = 256

/** The parts of a description that determine where the bytes of a file lie. */
export interface FileShape {
  /** Bytes of content. */
  readonly size: number
  /** Bytes of content in a chunk. */
  readonly chunkSize: number
  readonly padded: boolean
}

/** Whether a chunk may have this many bytes. spec F2 */
export function isChunkSize(value: unknown): value is number {
  return (
    typeof value === 'number' &&
    value >= MIN_CHUNK_BYTES &&
    value <= MAX_CHUNK_BYTES &&
    Number.isInteger(Math.log2(value))
  )
}

/** How long the plaintext is: the content, and its padding. spec F7 */
export function plaintextLength({ size, padded }: Pick<FileShape, 'size' | 'padded'>): number {
  return padded ? paddedLength(size) : size
}

/** How many chunks there are: at least one. spec F4 */
export function countChunks(shape: FileShape): number {
  return Math.max(1, Math.ceil(plaintextLength(shape) / shape.chunkSize))
}

/** Whether a size is one that a file can have. spec F5, F6 */
export function isFileSize(shape: FileShape): boolean {
  const { size } = shape
  return Number.isSafeInteger(size) && size >= 0 && countChunks(shape) <= MAX_FILE_CHUNKS
}

/** Bytes of plaintext in a chunk. spec F4 */
export function chunkLength(shape: FileShape, index: number): number {
  return Math.min(shape.chunkSize, plaintextLength(shape) - index * shape.chunkSize)
}

/** Where a sealed chunk begins; with the number of chunks as `index`: where the index begins. spec F2 */
export function chunkOffset(shape: FileShape, index: number): number {
  const plaintext = Math.min(plaintextLength(shape), index * shape.chunkSize)
  return FILE_HEADER_BYTES + plaintext + index * TAG_BYTES
}

/** How many entries each level of the index has, from the top one, which is one row, to the digests of the chunks. spec F16 */
export function countEntries(chunks: number): readonly number[] {
  const above = chunks > ROW_ENTRIES ? countEntries(Math.ceil(chunks / ROW_ENTRIES)) : []
  return [...above, chunks]
}

/** How long a sealed file is. spec F2 */
export function sealedLength(shape: FileShape): number {
  const chunks = countChunks(shape)
  const entries = countEntries(chunks).reduce((sum, count) => sum + count, 0)
  return chunkOffset(shape, chunks) + entries * DIGEST_BYTES
}
