/**
 * The form of what one data channel carries, beneath the seal. spec S90
 *
 * @module
 */
import { ByteReader, concatBytes, decodeText, textToBytes, uintToBytes } from '@conclave/base'
import { isId } from '../signalling/messages.ts'

/** The longest message of a reliable channel, in bytes. spec S90 */
export const MAX_DATA_BYTES: number = 2 ** 20
/** The longest message of an unreliable channel, in bytes: one record. spec S90 */
export const MAX_UNRELIABLE_DATA_BYTES = 65_000
/** The longest record with its seal: every browser takes so much as one message. RFC 8841 §6.1 */
export const MAX_SEALED_RECORD_BYTES: number = 2 ** 16

/** A record of a message. */
export interface DataRecord {
  readonly sequence: number
  /** The beginning of a message; left out for the records that continue it. */
  readonly first?: { readonly channel: string; readonly byteLength: number } | undefined
  readonly isLast: boolean
  readonly piece: Uint8Array<ArrayBuffer>
}

/** The records of a message, with the sequences from `sequence` on. Copies the bytes. */
export function encodeDataRecords(
  { channel, bytes }: { readonly channel: string; readonly bytes: Uint8Array },
  sequence: number,
): readonly Uint8Array<ArrayBuffer>[] {
  const name = textToBytes(channel)
  const first = [uintToBytes(name.length, 2), name, uintToBytes(bytes.length, 4)]
  const count = Math.max(1, Math.ceil(bytes.length / PIECE_BYTES))
  return Array.from({ length: count }, (_, index) => {
    const flags = (index === 0 ? FIRST : 0) | (index === count - 1 ? LAST : 0)
    return concatBytes(
      [FORMAT, flags],
      uintToBytes(sequence + index, SEQUENCE_BYTES),
      ...(index === 0 ? first : []),
      bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
    )
  })
}

/** Decodes an opened record. Returns `undefined`, not throws, for anything else. */
export function decodeDataRecord(bytes: Uint8Array): DataRecord | undefined {
  const reader = new ByteReader(bytes)
  const format = reader.uint(1)
  const flags = reader.uint(1)
  const sequence = reader.uint(SEQUENCE_BYTES)
  const isFirst = (flags & FIRST) !== 0
  const isLast = (flags & LAST) !== 0
  const first = isFirst ? decodeFirst(reader) : undefined
  const { ok, left } = reader
  if (!ok || format !== FORMAT || flags > (FIRST | LAST)) return undefined
  if (isFirst && first === undefined) return undefined
  // Only the last record of a message has fewer bytes.
  if (left > PIECE_BYTES || (left < PIECE_BYTES && !isLast)) return undefined
  return { sequence, first, isLast, piece: reader.copy(left) }
}

const decodeFirst = (reader: ByteReader): DataRecord['first'] => {
  const channel = decodeText(reader.take(reader.uint(2)))
  const byteLength = reader.uint(4)
  return isId(channel) && byteLength <= MAX_DATA_BYTES ? { channel, byteLength } : undefined
}

const FORMAT = 1
const FIRST = 1
const LAST = 2
const SEQUENCE_BYTES = 6
const PIECE_BYTES = MAX_UNRELIABLE_DATA_BYTES
