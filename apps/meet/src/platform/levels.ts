/**
 * How loud tracks are, measured in this page and for this page only.
 *
 * @module
 */
import type { LevelPort } from '../state/speaking-monitor.ts'

/** Measures all watched tracks with one audio context and one timer. */
export class LevelMeter implements LevelPort {
  readonly #watched = new Set<Watched>()
  #context: AudioContext | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  /** Calls `hear` about ten times a second with a level from 0 to 1, until the result is called. */
  watch(track: MediaStreamTrack, hear: (level: number) => void): () => void {
    if (track.readyState !== 'live' || typeof AudioContext === 'undefined') return () => undefined
    const context = (this.#context ??= new AudioContext({ latencyHint: 'playback' }))
    void context.resume().catch(() => undefined)
    const source = context.createMediaStreamSource(new MediaStream([track]))
    const analyser = new AnalyserNode(context, { fftSize: 1024 })
    source.connect(analyser)
    const watched: Watched = { analyser, hear, samples: new Float32Array(analyser.fftSize) }
    this.#watched.add(watched)
    this.#timer ??= setInterval(() => this.#measure(), PERIOD_MS)
    return () => {
      source.disconnect()
      this.#watched.delete(watched)
      if (this.#watched.size === 0) this.#rest()
    }
  }

  /** Starts measuring after the person did something, where the browser waits for that. */
  resume(): void {
    if (this.#context?.state === 'suspended') void this.#context.resume().catch(() => undefined)
  }

  #measure(): void {
    // A context that waits for the person's first click hears nothing, which is not silence.
    if (this.#context?.state !== 'running') return
    for (const { analyser, hear, samples } of this.#watched) {
      analyser.getFloatTimeDomainData(samples)
      let sum = 0
      for (const sample of samples) sum += sample * sample
      // The square root of the loudness spreads quiet speech over the lower half of the scale.
      hear(Math.min(1, Math.sqrt(Math.sqrt(sum / samples.length)) * SCALE))
    }
  }

  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    void this.#context?.close().catch(() => undefined)
    this.#context = undefined
  }
}

interface Watched {
  readonly analyser: AnalyserNode
  readonly hear: (level: number) => void
  readonly samples: Float32Array<ArrayBuffer>
}

const PERIOD_MS = 100
const SCALE = 1.25
