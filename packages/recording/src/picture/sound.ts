import type { Clock } from '@conclave/base'
import { RecordingError } from '../errors.ts'

/** The mixed sound of a call: one track that goes on, and is silent when nobody speaks. spec Q13 */
export class Sound {
  readonly #context: AudioContext
  readonly #mixed: MediaStreamAudioDestinationNode
  readonly #inputByTrack = new Map<MediaStreamTrack, Input>()

  private constructor(context: AudioContext) {
    this.#context = context
    this.#mixed = context.createMediaStreamDestination()
  }

  /**
   * Begins, with nobody in it.
   *
   * @throws RecordingError `ERR_RECORDING_SOUND` when the page may not use sound yet
   */
  static async begin(clock: Clock): Promise<Sound> {
    const context = new AudioContext()
    const sound = new Sound(context)
    let timer: unknown
    const isLate = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, RESUME_MS)
    })
    // Without a gesture of the person it stays pending.
    await Promise.race([context.resume().catch(() => {}), isLate])
    clock.clearTimeout(timer)
    if (sound.isRunning) return sound
    await sound.close()
    throw new RecordingError('ERR_RECORDING_SOUND', undefined)
  }

  get track(): MediaStreamTrack {
    const [track] = this.#mixed.stream.getAudioTracks()
    if (track === undefined) throw new Error('unreachable: a destination without a track')
    return track
  }

  get isRunning(): boolean {
    return this.#context.state === 'running'
  }

  /** Mixes these tracks, and no others. */
  mix(tracks: readonly MediaStreamTrack[]): void {
    const wanted = new Set(tracks)
    for (const [track, { node, element }] of this.#inputByTrack) {
      if (wanted.has(track)) continue
      node.disconnect()
      element.srcObject = null
      this.#inputByTrack.delete(track)
    }
    for (const track of wanted) {
      if (!this.#inputByTrack.has(track)) this.#inputByTrack.set(track, this.#connect(track))
    }
  }

  /** Ends the track and lets the others go. */
  async close(): Promise<void> {
    this.mix([])
    this.track.stop()
    await this.#context.close().catch(() => {})
  }

  #connect(track: MediaStreamTrack): Input {
    const stream = new MediaStream([track])
    // Chromium decodes the sound of a connection only for an element that plays it.
    const element = Object.assign(document.createElement('audio'), { muted: true })
    element.srcObject = stream
    element.play().catch(() => {})
    const node = this.#context.createMediaStreamSource(stream)
    node.connect(this.#mixed)
    return { node, element }
  }
}

interface Input {
  readonly node: MediaStreamAudioSourceNode
  readonly element: HTMLAudioElement
}

const RESUME_MS = 3000
