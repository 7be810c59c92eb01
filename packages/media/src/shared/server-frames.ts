/**
 * Frames that a media server makes itself, as an application lists them. spec M69
 *
 * @module
 */
import { describeType, isBytes, isIntegerUpTo } from '@conclave/base'

/** A frame that a server makes, by its length and digest. */
export interface ServerFrame {
  readonly byteLength: number
  /** SHA-256, 64 lower case hexadecimal digits. */
  readonly sha256: string
}

/** The frames of a server that are dropped without a report. spec M69 */
export interface ServerFrames {
  /** At most 64, each of at most 1,024 bytes. */
  readonly frames: readonly ServerFrame[]
  /** Bytes that the server puts behind each of them, at most 64; left out: none. */
  readonly trailer?: Uint8Array | undefined
}

/** @throws TypeError that names `serverFrames` */
export function checkServerFrames(given: ServerFrames | undefined): void {
  if (given === undefined) return
  const { frames, trailer = new Uint8Array() } = given ?? {}
  const isList = Array.isArray(frames) && frames.length <= MAX_FRAMES && frames.every(isServerFrame)
  if (isList && isBytes(trailer) && trailer.length <= MAX_TRAILER_BYTES) return
  throw new TypeError(
    `"serverFrames" expected lengths and digests of frames, got ${describeType(given)}`,
  )
}

const isServerFrame = (frame: ServerFrame): boolean =>
  isIntegerUpTo(MAX_FRAME_BYTES, frame?.byteLength) &&
  typeof frame.sha256 === 'string' &&
  /^[0-9a-f]{64}$/.test(frame.sha256)

const MAX_FRAMES = 64
const MAX_FRAME_BYTES = 1024
const MAX_TRAILER_BYTES = 64
