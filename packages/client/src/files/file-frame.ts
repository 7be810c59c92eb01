/**
 * The frames of transfers, as a path carries them: a head in clear, and a sealed part. spec R193
 *
 * @module
 */
import {
  ByteReader,
  concatBytes,
  decodeBase64Url,
  encodeBase64Url,
  uintToBytes,
} from '@conclave/base'
import { PART_BYTES, PART_TAG_BYTES } from '@conclave/e2ee/files'
import type { TransferId } from './file-body.ts'

/** One frame. The head is authenticated only with the part: it is the part's place. */
export interface FileFrame {
  /** `part` comes from the sender of the file, `wish` from its receiver. */
  readonly type: 'part' | 'wish'
  readonly id: TransferId
  readonly run: number
  /** Of a part its place; of a wish its number. */
  readonly index: number
  readonly sealed: Uint8Array<ArrayBuffer>
}

/** The content of a wish. spec R194 */
export interface Wish {
  /** The chunks that the receiver has: all below this one. */
  readonly next: number
  /** The part before which the sender stops. */
  readonly limit: number
}

/** The longest frame in bytes. */
export const MAX_FRAME_BYTES: number = 25 + PART_BYTES + PART_TAG_BYTES

/** A frame as bytes. */
export function encodeFileFrame({
  type,
  id,
  run,
  index,
  sealed,
}: FileFrame): Uint8Array<ArrayBuffer> {
  const name = decodeBase64Url(id) ?? new Uint8Array()
  const places = [uintToBytes(run, 4), uintToBytes(index, 4)]
  return concatBytes([type === 'part' ? PART : WISH], name, ...places, sealed)
}

/** A frame, or `undefined` for anything else. Never throws. */
export function decodeFileFrame(bytes: Uint8Array): FileFrame | undefined {
  if (bytes.length > MAX_FRAME_BYTES) return undefined
  const reader = new ByteReader(bytes)
  const kind = reader.uint(1)
  const id = encodeBase64Url(reader.take(16))
  const [run, index] = [reader.uint(4), reader.uint(4)]
  if (!reader.ok || (kind !== PART && kind !== WISH) || reader.left < PART_TAG_BYTES)
    return undefined
  const sealed = reader.copy(reader.left)
  return { type: kind === PART ? 'part' : 'wish', id, run, index, sealed }
}

/** The content of a wish as bytes. */
export function encodeWish({ next, limit }: Wish): Uint8Array<ArrayBuffer> {
  return concatBytes(uintToBytes(next, 4), uintToBytes(limit, 4))
}

/** The content of a wish, or `undefined` for anything else. Never throws. */
export function decodeWish(bytes: Uint8Array): Wish | undefined {
  const reader = new ByteReader(bytes)
  const [next, limit] = [reader.uint(4), reader.uint(4)]
  return reader.ok && reader.left === 0 ? { next, limit } : undefined
}

const PART = 1
const WISH = 2
