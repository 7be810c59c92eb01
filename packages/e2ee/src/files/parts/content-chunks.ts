import { concatBytes, textToBytes, uintToBytes } from '@conclave/base'
import { linkContent } from '../chunk-chain.ts'
import { MAX_FILE_CHUNKS } from '../file-layout.ts'

/** The most bytes of content in a part: a sealed message of a room takes it, padded. spec F18 */
export const PART_BYTES = 32_000

/** Bytes of the largest file that goes in parts: 500 GiB. spec F18 */
export const MAX_PARTS_SIZE: number = PART_BYTES * MAX_FILE_CHUNKS

/** How many chunks a content of this size has: none if it is empty. spec F18 */
export function countParts(size: number): number {
  return Math.ceil(size / PART_BYTES)
}

/** Bytes of the chunk at a place, of a content of this size. spec F18 */
export function partLength(size: number, index: number): number {
  return Math.min(PART_BYTES, size - index * PART_BYTES)
}

/**
 * The link before the first chunk of a content. spec F18
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function beginContent({
  id,
  size,
}: {
  readonly id: Uint8Array
  readonly size: number
}): Promise<Uint8Array<ArrayBuffer>> {
  return linkContent(LABEL, concatBytes(id, uintToBytes(size, 8)))
}

const LABEL: Uint8Array = textToBytes('conclave/1 file content\0')
