import {
  CanvasSource,
  MediaStreamAudioTrackSource,
  Output,
  StreamTarget,
  WebMOutputFormat,
} from 'mediabunny'
import { RecordingError } from '../errors.ts'

/** How a recording is encoded. */
export interface Encoding {
  readonly frameRate: number
  /** Bits in a second. */
  readonly videoBitrate: number
  readonly audioBitrate: number
}

/** Encodes a canvas and a track into a WebM that only grows, and can be cut off behind any cluster. spec Q13 */
export class WebmEncoder {
  /** The bytes, as they come; you must read them. */
  readonly bytes: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly #output: Output
  readonly #video: CanvasSource
  readonly #audio: MediaStreamAudioTrackSource

  constructor(canvas: HTMLCanvasElement, track: MediaStreamTrack, encoding: Encoding) {
    const { readable, writable } = new TransformStream<
      Uint8Array<ArrayBuffer>,
      Uint8Array<ArrayBuffer>
    >()
    this.bytes = readable
    const { frameRate, videoBitrate, audioBitrate } = encoding
    this.#output = new Output({
      format: new WebMOutputFormat({ appendOnly: true, minimumClusterDuration: CLUSTER_SECONDS }),
      target: new StreamTarget(appending(writable)),
    })
    this.#video = new CanvasSource(canvas, {
      ...{ codec: 'vp8', bitrate: videoBitrate, keyFrameInterval: CLUSTER_SECONDS },
      latencyMode: 'realtime',
    })
    this.#audio = new MediaStreamAudioTrackSource(track as MediaStreamAudioTrack, {
      ...{ codec: 'opus', bitrate: audioBitrate },
    })
    this.#output.addVideoTrack(this.#video, { frameRate })
    this.#output.addAudioTrack(this.#audio)
  }

  /** Begins; the sound is taken from now on. `failed` is called when its encoding fails. */
  async start(failed: (error: unknown) => void): Promise<void> {
    this.#audio.errorPromise.catch((error: unknown) => failed(mediaError(error)))
    await this.#output.start().catch((error: unknown) => {
      throw mediaError(error)
    })
  }

  /**
   * Encodes the canvas as it is. Resolves when the next one may come, which may be late: take no other before.
   *
   * @param atSeconds since the beginning
   */
  async add(atSeconds: number, durationSeconds: number): Promise<void> {
    await this.#video.add(atSeconds, durationSeconds).catch((error: unknown) => {
      throw mediaError(error)
    })
  }

  /** Encodes what was taken, and ends the bytes. */
  async finish(): Promise<void> {
    await this.#output.finalize()
  }

  /** Drops what is not encoded yet. */
  async cancel(): Promise<void> {
    await this.#output.cancel().catch(() => {})
  }
}

/** Takes chunks that follow each other, as bytes; copies, since the encoder uses its memory again. */
const appending = (
  writable: WritableStream<Uint8Array<ArrayBuffer>>,
): WritableStream<{ readonly data: Uint8Array<ArrayBuffer>; readonly position: number }> => {
  const writer = writable.getWriter()
  let length = 0
  return new WritableStream({
    async write({ data, position }) {
      if (position !== length) throw new Error('unreachable: the encoder went back')
      length += data.length
      await writer.write(data.slice())
    },
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  })
}

const mediaError = (cause: unknown): RecordingError =>
  new RecordingError('ERR_RECORDING_MEDIA', undefined, { cause })

/** A crash loses the last one. */
const CLUSTER_SECONDS = 1
