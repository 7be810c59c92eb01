/**
 * A microphone whose sound carries numbers, and their reader: a tone for each number, one after the other.
 *
 * @module
 */

/** Sounds the numbers from 0 to 7 in turn, a quarter of a second each. */
export class SteppingTone {
  readonly track: MediaStreamTrack
  readonly #context = new AudioContext()

  get [Symbol.toStringTag](): string {
    return 'SteppingTone'
  }

  /** You must make it after a click, where the browser wants one before sound. */
  constructor() {
    const destination = this.#context.createMediaStreamDestination()
    const [track] = destination.stream.getAudioTracks()
    if (track === undefined) throw new Error('an audio context gave no track')
    this.track = track
    // A loop of samples, which no timer of the page can hold up.
    const { sampleRate } = this.#context
    const length = Math.round(sampleRate * STEP_SECONDS)
    const buffer = this.#context.createBuffer(1, length * TONES, sampleRate)
    const samples = buffer.getChannelData(0)
    for (let at = 0; at < samples.length; at += 1) {
      const seconds = (at % length) / sampleRate
      samples[at] = 0.5 * Math.sin(2 * Math.PI * frequencyOf(Math.floor(at / length)) * seconds)
    }
    const source = new AudioBufferSourceNode(this.#context, { buffer, loop: true })
    source.connect(destination)
    source.start()
  }

  /** Ends the track. */
  async stop(): Promise<void> {
    this.track.stop()
    await this.#context.close()
  }
}

/** Reads the numbers of the tones of a track. */
export class ToneReader {
  /** The numbers that were heard, each once as often as another came between, oldest first. */
  readonly numbers: number[] = []
  readonly #context = new AudioContext()
  readonly #analyser: AnalyserNode
  readonly #timer: ReturnType<typeof setInterval>
  readonly #element: HTMLAudioElement
  #before = -1

  get [Symbol.toStringTag](): string {
    return 'ToneReader'
  }

  constructor(track: MediaStreamTrack) {
    const stream = new MediaStream([track])
    // Chromium hands the sound of a connection to an audio context only while an element plays it.
    this.#element = Object.assign(new Audio(), { srcObject: stream, muted: true })
    this.#element.play().catch(() => undefined)
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 2048, smoothingTimeConstant: 0 })
    this.#context.createMediaStreamSource(stream).connect(this.#analyser)
    this.#timer = setInterval(() => this.#read(), 1000 * (STEP_SECONDS / 5))
  }

  /** Reads no more. The track is yours. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#element.srcObject = null
    await this.#context.close()
  }

  #read(): void {
    const bins = new Uint8Array(this.#analyser.frequencyBinCount)
    this.#analyser.getByteFrequencyData(bins)
    const binOf = (tone: number): number =>
      bins[Math.round((frequencyOf(tone) * this.#analyser.fftSize) / this.#context.sampleRate)] ?? 0
    const tones = Array.from({ length: TONES }, (_, tone) => binOf(tone))
    const loudest = Math.max(...tones)
    const tone = loudest < AUDIBLE ? -1 : tones.indexOf(loudest)
    // Heard twice in a row: between two tones there is a moment of both.
    if (tone >= 0 && tone === this.#before && tone !== this.numbers.at(-1)) this.numbers.push(tone)
    this.#before = tone
  }
}

const TONES = 8
const STEP_SECONDS = 0.25
/** Of 255. */
const AUDIBLE = 100
const frequencyOf = (tone: number): number => 500 + 250 * tone
