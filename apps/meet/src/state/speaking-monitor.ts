/**
 * Listens to every open microphone of a call and knows who is speaking.
 *
 * @module
 */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Clock } from '@conclave/base'
import { createSpeakingGate } from './speaking-gate.ts'

/** Measures how loud a track is, a few times a second, from 0 to 1. */
export interface LevelPort {
  watch(track: MediaStreamTrack, hear: (level: number) => void): () => void
}

/** A voice to listen to. */
export interface Voice {
  readonly id: string
  readonly track: MediaStreamTrack
}

/** Observes who is speaking; ends with `close()`. */
export class SpeakingMonitor {
  readonly #speaking: Signal<ReadonlySet<string>> = signal(new Set())
  readonly #watches = new Map<
    string,
    { readonly track: MediaStreamTrack; readonly stop: () => void }
  >()
  readonly #levels: LevelPort
  readonly #clock: Clock

  constructor(levels: LevelPort, clock: Clock) {
    this.#levels = levels
    this.#clock = clock
  }

  /** The ids of the participants who speak; changes only when one begins or ends. */
  get speaking(): ReadonlySignal<ReadonlySet<string>> {
    return this.#speaking
  }

  /** Listens to exactly these voices from now on. */
  follow(voices: readonly Voice[]): void {
    const trackById = new Map(voices.map((voice) => [voice.id, voice.track]))
    for (const [id, watch] of this.#watches) {
      if (trackById.get(id) !== watch.track) this.#drop(id)
    }
    for (const [id, track] of trackById) {
      if (!this.#watches.has(id)) this.#watches.set(id, { track, stop: this.#listen(id, track) })
    }
  }

  /** Stops listening. */
  close(): void {
    for (const id of [...this.#watches.keys()]) this.#drop(id)
  }

  #listen(id: string, track: MediaStreamTrack): () => void {
    const gate = createSpeakingGate()
    return this.#levels.watch(track, (level) => this.#set(id, gate.hear(level, this.#clock.now())))
  }

  #drop(id: string): void {
    this.#watches.get(id)?.stop()
    this.#watches.delete(id)
    this.#set(id, false)
  }

  #set(id: string, speaks: boolean): void {
    const before = this.#speaking.peek()
    if (before.has(id) === speaks) return
    const after = new Set(before)
    if (speaks) after.add(id)
    else after.delete(id)
    this.#speaking.value = after
  }
}
