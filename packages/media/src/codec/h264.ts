/**
 * H.264 (Annex B): the packetizer sends NAL units, and the depacketizer reads parameter sets and the start of the first
 * slice header. These stay clear; all the rest of the frame is the rest of that slice. spec M47, M48
 *
 * @module
 */
import { concatBytes } from '@conclave/base'
import type { CodecProfile } from './profile.ts'
import { escapeRbsp, unescapeRbsp } from './rbsp.ts'

/** The profile of H.264. */
export const H264: CodecProfile = {
  mimeType: 'video/h264',
  id: 5,
  split(frame) {
    const found = readClearPart(frame)
    return found === undefined
      ? 'malformed'
      : { clear: found.clear, rest: frame.subarray(found.end) }
  },
  wrap: (clear, header, body) =>
    escapeRbsp(concatBytes(clear, header, body, [LAST_BYTE]), clear.length),
  unwrap(data) {
    const found = readClearPart(data)
    const rest = found && unescapeRbsp(data, found.end)
    if (found === undefined || rest?.at(-1) !== LAST_BYTE) return 'malformed'
    return { clear: found.clear, rest: rest.subarray(0, -1) }
  },
  restore: (clear, plain) => concatBytes(clear, plain),
}

/**
 * The clear part, each start code as four bytes, since the depacketizer writes them so; and where it ends in the frame.
 * `undefined` unless one or more NAL units that hold no picture, or none, come before a slice.
 */
function readClearPart(
  frame: Uint8Array<ArrayBuffer>,
): { readonly clear: Uint8Array; readonly end: number } | undefined {
  const first = startCodeEnd(frame, 0)
  if (first === undefined || first > START_CODE.length) return undefined
  // Whether all start codes have four bytes so far.
  let isNormal = first === START_CODE.length
  if (isNormal && frame[0] !== 0) return undefined
  let start = first
  const units: Uint8Array[] = []
  while (units.length < 2 * MAX_CLEAR_UNITS) {
    const type = (frame[start] ?? 0) & NAL_TYPE_BITS
    if (type === SLICE || type === KEY_SLICE) {
      const end = sliceHeadEnd(frame, start + 1)
      if (end === undefined) return undefined
      const clear = isNormal
        ? frame.subarray(0, end)
        : concatBytes(...units, START_CODE, frame.subarray(start, end))
      return { clear, end }
    }
    const next = CLEAR_TYPES.has(type) ? startCodeEnd(frame, start) : undefined
    if (next === undefined) return undefined
    const isShort = frame[next - START_CODE.length] !== 0
    const unitEnd = next - START_CODE.length + (isShort ? 1 : 0)
    units.push(START_CODE, frame.subarray(start, unitEnd))
    isNormal &&= !isShort
    start = next
  }
  return undefined
}

/** The end of the first start code, `00 00 01`, that begins at `from` or later. */
export function startCodeEnd(frame: Uint8Array, from: number): number | undefined {
  for (let at = from + 2; at < frame.length;) {
    const byte = frame[at] ?? 0
    if (byte === 1 && frame[at - 1] === 0 && frame[at - 2] === 0) return at + 1
    at += byte === 0 ? 1 : 3
  }
  return undefined
}

/**
 * The end of the byte in which `first_mb_in_slice`, `slice_type` and `pic_parameter_set_id` end (§7.3.3): three numbers of
 * Exp-Golomb's code, which says by itself where each ends.
 */
function sliceHeadEnd(frame: Uint8Array, start: number): number | undefined {
  let bit = start * 8
  const isZero = (): boolean => (((frame[bit >> 3] ?? 0) << (bit & 7)) & 0x80) === 0
  for (let number = 0; number < 3; number += 1) {
    let zeros = 0
    for (; isZero(); bit += 1, zeros += 1) if (zeros === MAX_ZERO_BITS) return undefined
    bit += zeros + 1
  }
  const end = Math.ceil(bit / 8)
  return end > frame.length ? undefined : end
}

const START_CODE = Uint8Array.of(0, 0, 0, 1)
const NAL_TYPE_BITS = 0b0001_1111
const SLICE = 1
const KEY_SLICE = 5
/** Supplemental information, sequence and picture parameter sets, and delimiters. */
const CLEAR_TYPES: ReadonlySet<number> = new Set([6, 7, 8, 9])
const MAX_CLEAR_UNITS = 32
/** No number of a slice header's start has more bits before its first 1. */
const MAX_ZERO_BITS = 16
/** No NAL unit may end with a zero: a reader may take it away. */
const LAST_BYTE = 0x80
