/**
 * The bytes of a frame that stay clear in LiveKit's format, by codec. spec M77
 *
 * @module
 */
import { concatBytes } from '@conclave/base'
import { startCodeEnd } from '../../codec/h264.ts'

/** A codec that LiveKit's format can seal. */
export interface LiveKitCodec {
  /**
   * Length of the clear part, the same before and after sealing. Reads nothing beyond it, and never throws. `undefined`
   * for a frame that has none.
   */
  clearLength(this: void, frame: Uint8Array): number | undefined
  /** Whether the sealed part is escaped as a part of a NAL unit. spec M78 */
  readonly isNalUnit: boolean
}

/** The codec of a mime type in any case; `undefined` for one that is not sealed: its frames must be dropped. */
export function findLiveKitCodec(mimeType: string | undefined): LiveKitCodec | undefined {
  return mimeType === undefined ? undefined : CODEC_BY_MIME_TYPE.get(mimeType.toLowerCase())
}

/** The clear part of an H.264 frame with start codes of four bytes each, as every depacketizer writes them. spec M78 */
export function lengthenStartCodes(clear: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  let from = 0
  for (let end = startCodeEnd(clear, 0); end !== undefined; end = startCodeEnd(clear, end)) {
    const at = end - SHORT_START_CODE_BYTES
    if (at > 0 && clear[at - 1] === 0) continue
    parts.push(clear.subarray(from, at), Uint8Array.of(0))
    from = at
  }
  return from === 0 && parts.length === 0 ? clear : concatBytes(...parts, clear.subarray(from))
}

/** Up to the second byte of the first slice: its header byte, and the first of the slice itself. */
function h264ClearLength(frame: Uint8Array): number | undefined {
  let unit = startCodeEnd(frame, 0)
  const isAtStart = unit === 3 || (unit === 4 && frame[0] === 0)
  if (!isAtStart) return undefined
  for (let count = 0; unit !== undefined && count < MAX_CLEAR_UNITS; count += 1) {
    const type = (frame[unit] ?? 0) & NAL_TYPE_BITS
    if (type === SLICE || type === KEY_SLICE) {
      const length = unit + 2
      return length <= frame.length ? length : undefined
    }
    unit = startCodeEnd(frame, unit)
  }
  return undefined
}

const lengthIfThere = (frame: Uint8Array, length: number): number | undefined =>
  frame.length < length ? undefined : length

/** P, the inverse key frame bit of VP8: 0 says key frame. RFC 6386 §9.1 */
const INTER_FRAME_BIT = 1
const SHORT_START_CODE_BYTES = 3
const NAL_TYPE_BITS = 0b0001_1111
const SLICE = 1
const KEY_SLICE = 5
/** Parameter sets and the like before the first slice. */
const MAX_CLEAR_UNITS = 64

const OPUS: LiveKitCodec = { clearLength: (frame) => lengthIfThere(frame, 1), isNalUnit: false }
const VP8: LiveKitCodec = {
  clearLength: (frame) => lengthIfThere(frame, ((frame[0] ?? 0) & INTER_FRAME_BIT) === 0 ? 10 : 3),
  isNalUnit: false,
}
const VP9: LiveKitCodec = { clearLength: () => 0, isNalUnit: false }
const H264: LiveKitCodec = { clearLength: h264ClearLength, isNalUnit: true }

const CODEC_BY_MIME_TYPE: ReadonlyMap<string, LiveKitCodec> = new Map([
  ['audio/opus', OPUS],
  ['video/vp8', VP8],
  ['video/vp9', VP9],
  ['video/h264', H264],
])
