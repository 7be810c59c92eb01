/**
 * Codecs whose packetizer reads nothing, or only the first bytes of a frame: Opus, VP8, VP9. spec M5, M45
 *
 * @module
 */
import { concatBytes } from '@conclave/base'
import type { CodecProfile, SealingChoices, SplitFrame } from './profile.ts'

/** Opus: the packetizer reads nothing of a frame, so nothing stays clear. */
export const OPUS: CodecProfile = prefixProfile({ mimeType: 'audio/opus', id: 1 }, () => 0)

/**
 * VP8: the depacketizer and forwarding servers read the start of the frame header (RFC 6386 §9.1): whether it is a key
 * frame, and on a key frame its dimensions. Byte 0 decides, which stays clear, and never the frame's `type`, which the
 * receiver's engine only guesses.
 */
export const VP8: CodecProfile = prefixProfile({ mimeType: 'video/vp8', id: 2 }, (first) =>
  (first & VP8_INTER_FRAME_BIT) === 0 ? VP8_KEY_FRAME_PREFIX : VP8_DELTA_FRAME_PREFIX,
)

/**
 * VP9: the payload descriptor of RTP says everything, and nothing need be clear. Some forwarding servers look for key
 * frames in the first byte, though: a sender may leave that one clear. The reader sees it by the frame marker, two bits
 * `10`, with which no SFrame header of ours begins.
 */
export const VP9: CodecProfile = prefixProfile(
  { mimeType: 'video/vp9', id: 3 },
  (first) => ((first & VP9_MARKER_BITS) === VP9_FRAME_MARKER ? 1 : 0),
  ({ hasClearVp9Byte = false }) => hasClearVp9Byte,
)

/** A profile whose clear part is as many bytes as the first one says; of encoded frames only if the sender wishes so. */
function prefixProfile(
  codec: Pick<CodecProfile, 'mimeType' | 'id'>,
  prefixLength: (first: number) => number,
  isWished: (choices: SealingChoices) => boolean = () => true,
): CodecProfile {
  const splitAt = (frame: Uint8Array<ArrayBuffer>, length: number): SplitFrame | 'too-short' =>
    frame.length < length
      ? 'too-short'
      : { clear: frame.subarray(0, length), rest: frame.subarray(length) }
  const lengthFor = ([first = 0]: Uint8Array): number => prefixLength(first)
  return {
    ...codec,
    split: (frame, choices) => splitAt(frame, isWished(choices) ? lengthFor(frame) : 0),
    wrap: (clear, header, body) => concatBytes(clear, header, body),
    unwrap: (data) => splitAt(data, lengthFor(data)),
    restore: (clear, plain) => (clear.length === 0 ? plain : concatBytes(clear, plain)),
  }
}

/** P, the inverse key frame bit: 0 says key frame. */
const VP8_INTER_FRAME_BIT = 0x01
/** Frame tag (3), start code (3), width (2) and height (2). */
const VP8_KEY_FRAME_PREFIX = 10
const VP8_DELTA_FRAME_PREFIX = 1
const VP9_MARKER_BITS = 0b1100_0000
const VP9_FRAME_MARKER = 0b1000_0000
