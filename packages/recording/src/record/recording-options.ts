import { checkInstance, checkInteger, checkObject, systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { parseParticipantId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'

/** How to record. */
export interface RecordingOptions {
  /**
   * Takes the sealed bytes, which nobody opens without the key: `storeRecording`, the body of an upload, a file that the person chose. It is
   * closed at the end. Its backpressure slows the recording down.
   */
  readonly target: WritableStream<Uint8Array<ArrayBuffer>>
  /** The participants who get the key now, and once more with the digest at the end. This session has it as `recording.key`. */
  readonly readers?: readonly ParticipantId[] | undefined
  /** Of the picture, in pixels; 1280 by default. */
  readonly width?: number | undefined
  /** Of the picture, in pixels; 720 by default. */
  readonly height?: number | undefined
  /** Pictures in a second, 1 to 60; 24 by default. */
  readonly frameRate?: number | undefined
  /** Bits of the picture in a second; 2,000,000 by default. */
  readonly videoBitrate?: number | undefined
  /** Bits of the sound in a second; 64,000 by default. */
  readonly audioBitrate?: number | undefined
  /** Ends the waiting for the announcement. After that use `recording.stop()`. */
  readonly signal?: AbortSignal | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
}

/** Options with their defaults. */
export interface CheckedOptions {
  readonly target: WritableStream<Uint8Array<ArrayBuffer>>
  readonly readers: readonly ParticipantId[]
  readonly size: { readonly width: number; readonly height: number }
  readonly encoding: {
    readonly frameRate: number
    readonly videoBitrate: number
    readonly audioBitrate: number
  }
  readonly signal: AbortSignal | undefined
  readonly clock: Clock
}

/**
 * Checks all options, before anything is done with them.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkOptions(options: RecordingOptions): CheckedOptions {
  checkObject('options', options)
  const { target, readers = [], signal, clock = systemClock } = options
  checkInstance<WritableStream>('target', target, { of: 'WritableStream', method: 'getWriter' })
  if (target.locked) throw new TypeError('"target" expected a stream that nobody writes to')
  if (!Array.isArray(readers) || !readers.every((id) => parseParticipantId(id) !== undefined)) {
    throw new TypeError('"readers" expected a list of participant ids')
  }
  return {
    ...{ target, readers: [...readers], signal, clock },
    size: {
      width: even('width', options.width ?? 1280),
      height: even('height', options.height ?? 720),
    },
    encoding: {
      frameRate: checkInteger('frameRate', options.frameRate ?? 24, { min: 1, max: 60 }),
      videoBitrate: checkInteger('videoBitrate', options.videoBitrate ?? 2_000_000, BITRATE),
      audioBitrate: checkInteger('audioBitrate', options.audioBitrate ?? 64_000, BITRATE),
    },
  }
}

/** Encoders take halves of each side. */
const even = (name: string, value: unknown): number =>
  checkInteger(name, value, { min: 160, max: 4096 }) & ~1

const BITRATE = { min: 6000, max: 100_000_000 }
