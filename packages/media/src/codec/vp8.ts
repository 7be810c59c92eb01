/**
 * VP8: the depacketizer and forwarding servers read the start of the frame header (RFC 6386 §9.1): whether it is a
 * key frame, and on a key frame its dimensions.
 *
 * @module
 */

/**
 * Length of the clear prefix of a VP8 frame, sealed or not: decided only from byte 0, which stays clear,
 * and never from the frame's `type`, which the receiver's engine only guesses. Returns `undefined` for a
 * frame that is shorter than its prefix. spec M5
 */
export function vp8PrefixLength(frame: Uint8Array): number | undefined {
  const first = frame[0]
  if (first === undefined) return undefined
  const length = (first & INTER_FRAME_BIT) === 0 ? KEY_FRAME_PREFIX : DELTA_FRAME_PREFIX
  return frame.length < length ? undefined : length
}

/** P, the inverse key frame bit: 0 says key frame. */
const INTER_FRAME_BIT = 0x01
/** Frame tag (3), start code (3), width (2) and height (2). */
const KEY_FRAME_PREFIX = 10
const DELTA_FRAME_PREFIX = 1
