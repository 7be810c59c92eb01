/**
 * Plays cues: two quiet notes each, made on the spot.
 *
 * @module
 */
import type { Cue, CuePort } from '../state/cue-port.ts'

/** The cues of a page. Silent until the person has done something, because browsers refuse sound before. */
export class Cues implements CuePort {
  readonly #isWanted: () => boolean
  #context: AudioContext | undefined
  #isArmed = false
  #quietUntil = 0

  /** `isWanted` says whether the person wants cues. */
  constructor(isWanted: () => boolean) {
    this.#isWanted = isWanted
  }

  /** Must be called from a click or a key press; from then on cues are heard. */
  arm(): void {
    this.#isArmed = true
  }

  isPageSeen(): boolean {
    return document.visibilityState === 'visible'
  }

  /** Plays a cue; one that comes while another sounds is left out. */
  play(cue: Cue): void {
    if (!this.#isArmed || !this.#isWanted() || typeof AudioContext === 'undefined') return
    const context = (this.#context ??= new AudioContext())
    void context.resume().catch(() => undefined)
    const begins = context.currentTime
    if (begins < this.#quietUntil) return
    for (const [index, pitch] of PITCHES[cue].entries()) {
      playNote(context, { pitch, at: begins + index * NOTE_SECONDS })
    }
    this.#quietUntil = begins + PITCHES[cue].length * NOTE_SECONDS + REST_SECONDS
  }
}

const playNote = (
  context: AudioContext,
  { pitch, at }: { readonly pitch: number; readonly at: number },
): void => {
  const volume = new GainNode(context, { gain: 0 })
  const note = new OscillatorNode(context, { frequency: pitch, type: 'sine' })
  // A note that began or ended at once would click.
  volume.gain.setValueAtTime(0, at)
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.015)
  volume.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_SECONDS * 1.6)
  note.connect(volume).connect(context.destination)
  note.start(at)
  note.stop(at + NOTE_SECONDS * 1.6)
}

/** In hertz: coming rises, going falls. */
const PITCHES: Readonly<Record<Cue, readonly number[]>> = {
  joined: [523, 784],
  left: [784, 523],
  message: [880],
  lost: [392, 294],
  regained: [294, 392],
}

const NOTE_SECONDS = 0.11
const REST_SECONDS = 0.25

/** Well below voices. */
const LOUDNESS = 0.05
