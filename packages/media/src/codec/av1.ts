/**
 * AV1: the packetizer takes a frame apart into OBUs (AV1 §5.3), so a sealed frame is made of one or two of ours, and
 * the encoder's are all inside the ciphertext. spec M46
 *
 * @module
 */
import { concatBytes } from '@conclave/base'
import type { CodecProfile, SplitFrame } from './profile.ts'

/** The profile of AV1. */
export const AV1: CodecProfile = {
  mimeType: 'video/av1',
  id: 4,
  split(frame) {
    const isKey = hasSequenceHeader(frame)
    if (isKey === undefined) return 'malformed'
    return { clear: isKey ? KEY : DELTA, rest: frame }
  },
  wrap: (clear, header, body) => concatBytes(clear, header, body),
  unwrap: (data) => unwrapObus(data) ?? 'malformed',
  restore: (_clear, plain) => plain,
}

/** Whether an encoder's frame has a sequence header before its first picture: the key frames, and only they. */
function hasSequenceHeader(frame: Uint8Array): boolean | undefined {
  for (let at = 0; at < frame.length;) {
    const obu = readObu(frame, at)
    if (obu === undefined) return undefined
    if (obu.type === SEQUENCE_HEADER) return true
    if (obu.type === FRAME || obu.type === FRAME_HEADER) return false
    at = obu.end
  }
  return undefined
}

/** The depacketizer writes each OBU with its size: ours must fill the data, and be nothing but ours. */
function unwrapObus(data: Uint8Array<ArrayBuffer>): SplitFrame | undefined {
  const first = readObu(data, 0)
  if (first === undefined) return undefined
  const isKey = first.type === SEQUENCE_HEADER
  if (isKey && !(first.end - first.payloadAt === 1 && data[first.payloadAt] === 0)) return undefined
  const frame = isKey ? readObu(data, first.end) : first
  if (frame?.type !== FRAME || frame.end !== data.length) return undefined
  if (first.hasExtension || frame.hasExtension) return undefined
  const clear = isKey ? KEY : DELTA
  if (data[frame.payloadAt] !== clear.at(-1)) return undefined
  return { clear, rest: data.subarray(frame.payloadAt + 1) }
}

interface Obu {
  readonly type: number
  readonly hasExtension: boolean
  readonly payloadAt: number
  readonly end: number
}

/** The OBU at an offset; `undefined` if its header is no header, or it reaches beyond the data. */
function readObu(data: Uint8Array, start: number): Obu | undefined {
  const header = data[start]
  if (header === undefined || (header & FORBIDDEN_BITS) !== 0) return undefined
  const hasExtension = (header & EXTENSION_BIT) !== 0
  const type = (header >> 3) & 0b1111
  let payloadAt = start + (hasExtension ? 2 : 1)
  if ((header & SIZE_BIT) === 0) {
    return payloadAt > data.length ? undefined : { type, hasExtension, payloadAt, end: data.length }
  }
  let size = 0
  for (let unit = 1, isLast = false; !isLast; unit *= 128, payloadAt += 1) {
    const byte = data[payloadAt]
    if (byte === undefined || unit > MAX_SIZE_UNIT) return undefined
    size += (byte & 127) * unit
    isLast = byte < 128
  }
  const end = payloadAt + size
  return end > data.length ? undefined : { type, hasExtension, payloadAt, end }
}

const SEQUENCE_HEADER = 1
const FRAME_HEADER = 3
const FRAME = 6
/** `obu_forbidden_bit` and `obu_reserved_1bit`. */
const FORBIDDEN_BITS = 0b1000_0001
const EXTENSION_BIT = 0b0000_0100
const SIZE_BIT = 0b0000_0010
/** A size has at most eight bytes (AV1 §4.10.5); five are more than any frame needs. */
const MAX_SIZE_UNIT = 128 ** 4

/**
 * A sequence header that holds a zero byte, by which the packetizer knows the start of a sequence, then a frame OBU without
 * size whose first byte says KEY_FRAME.
 */
const KEY = Uint8Array.of(0x0a, 1, 0, 0x30, 0x00)
/** A frame OBU without size whose first byte says INTER_FRAME. */
const DELTA = Uint8Array.of(0x30, 0x20)
