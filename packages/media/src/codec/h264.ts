/**
 * H.264 (Annex B): the packetizer sends NAL units, and the depacketizer reads parameter sets and the start of the first
 * slice header. These stay clear, and the places of supplemental information; all the rest of the frame is the rest of that
 * slice. spec M47, M48, M100
 *
 * @module
 */
import { concatBytes, uintToBytes } from '@conclave/base'
import type { CodecProfile } from './profile.ts'
import { escapeRbsp, unescapeRbsp } from './rbsp.ts'

/** The profile of H.264. */
export const H264: CodecProfile = {
  mimeType: 'video/h264',
  id: 5,
  split(frame) {
    const found = readClearPart(frame)
    if (found === undefined) return 'malformed'
    const { clear, hidden, end } = found
    const rest = frame.subarray(end)
    if (hidden.length === 0) return { clear, rest }
    const units = hidden.flatMap((unit) => [uintToBytes(unit.length, LENGTH_BYTES), unit])
    return { clear, rest: concatBytes(...units, rest) }
  },
  wrap: (clear, header, body) =>
    escapeRbsp(concatBytes(clear, header, body, [LAST_BYTE]), clear.length),
  unwrap(data) {
    const found = readClearPart(data)
    const rest = found && unescapeRbsp(data, found.end)
    if (found === undefined || rest?.at(-1) !== LAST_BYTE) return 'malformed'
    if (!found.hidden.every(isPlaceholder)) return 'malformed'
    return { clear: found.clear, rest: rest.subarray(0, -1) }
  },
  restore: putUnitsBack,
}

interface ClearPart {
  readonly clear: Uint8Array
  /** The units of supplemental information, in whose places the clear part has placeholders. */
  readonly hidden: readonly Uint8Array[]
  /** The end of the clear part in the frame. */
  readonly end: number
}

/**
 * The clear part, each start code as four bytes, since the depacketizer writes them so. `undefined` unless one or more NAL
 * units that hold no picture, or none, come before a slice.
 */
function readClearPart(frame: Uint8Array<ArrayBuffer>): ClearPart | undefined {
  const first = startCodeEnd(frame, 0)
  if (first === undefined || first > START_CODE.length) return undefined
  // Whether the clear part is the same as in the frame so far.
  let isNormal = first === START_CODE.length
  if (isNormal && frame[0] !== 0) return undefined
  let start = first
  const units: Uint8Array[] = []
  const hidden: Uint8Array[] = []
  while (units.length < 2 * MAX_CLEAR_UNITS) {
    const type = (frame[start] ?? 0) & NAL_TYPE_BITS
    if (type === SLICE || type === KEY_SLICE) {
      const end = sliceHeadEnd(frame, start + 1)
      if (end === undefined) return undefined
      const clear = isNormal
        ? frame.subarray(0, end)
        : concatBytes(...units, START_CODE, frame.subarray(start, end))
      return { clear, hidden, end }
    }
    const next = CLEAR_TYPES.has(type) ? startCodeEnd(frame, start) : undefined
    if (next === undefined) return undefined
    const isShort = frame[next - START_CODE.length] !== 0
    const unitEnd = next - START_CODE.length + (isShort ? 1 : 0)
    const unit = frame.subarray(start, unitEnd)
    const isHidden = type === SUPPLEMENT
    if (isHidden) hidden.push(unit)
    units.push(START_CODE, isHidden ? PLACEHOLDER : unit)
    isNormal &&= !isShort && !isHidden
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

/** The units of supplemental information, which stand before the rest of the slice, in the places that the clear part keeps. */
function putUnitsBack(clear: Uint8Array, plain: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  let [from, to] = [0, 0]
  for (
    let start = startCodeEnd(clear, 0);
    start !== undefined && CLEAR_TYPES.has((clear[start] ?? 0) & NAL_TYPE_BITS);
    start = startCodeEnd(clear, start)
  ) {
    if (clear[start] !== SUPPLEMENT) continue
    let length = 0
    for (const byte of plain.subarray(to, to + LENGTH_BYTES)) length = length * 256 + byte
    to += LENGTH_BYTES
    parts.push(clear.subarray(from, start), plain.subarray(to, to + length))
    from = start + PLACEHOLDER.length
    to += length
  }
  return concatBytes(...parts, clear.subarray(from), plain.subarray(to))
}

const isPlaceholder = (unit: Uint8Array): boolean =>
  unit.length === PLACEHOLDER.length && PLACEHOLDER.every((byte, at) => unit[at] === byte)

const START_CODE = Uint8Array.of(0, 0, 0, 1)
const NAL_TYPE_BITS = 0b0001_1111
const SLICE = 1
const KEY_SLICE = 5
const SUPPLEMENT = 6
/** Supplemental information, sequence and picture parameter sets, and delimiters. */
const CLEAR_TYPES: ReadonlySet<number> = new Set([SUPPLEMENT, 7, 8, 9])
/** In the place of a unit of supplemental information: one that holds nothing but its end. */
const PLACEHOLDER = Uint8Array.of(SUPPLEMENT, 0x80)
/** Before each unit that is encrypted. */
const LENGTH_BYTES = 4
const MAX_CLEAR_UNITS = 32
/** No number of a slice header's start has more bits before its first 1. */
const MAX_ZERO_BITS = 16
/** No NAL unit may end with a zero: a reader may take it away. */
const LAST_BYTE = 0x80
