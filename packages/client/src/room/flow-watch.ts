/**
 * Notices sources that are on and bring no frames. spec R112
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { MediaStats } from '@conclave/media'
import type { ParticipantId } from '@conclave/wire'
import type { TrackSource } from '../track-source.ts'

/** A source of a participant, or of this session. */
export interface FlowingTrack {
  readonly participant: ParticipantId
  readonly source: TrackSource
}

/** The needs of {@link FlowWatch}. */
export interface FlowWatchOptions {
  readonly clock: Clock
  /** The sources from which frames should come steadily now. */
  expected(): readonly FlowingTrack[]
  /** The counters of the frame encryption. */
  stats(): Promise<MediaStats>
  /** A source stalled, or brings frames again. */
  changed(track: FlowingTrack, isStalled: boolean): void
}

/** Looks once a second whether frames were sealed or opened: those that did not authenticate do not count. */
export class FlowWatch {
  readonly #options: FlowWatchOptions
  readonly #flowByName = new Map<string, Flow>()
  #timer: unknown
  #isClosed = false

  constructor(options: FlowWatchOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Looks no more. */
  close(): void {
    this.#isClosed = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimeout(() => void this.#look(), LOOK_MS)
  }

  async #look(): Promise<void> {
    // A worker that failed gives no counters, and no frames.
    const counters =
      this.#options.expected().length === 0
        ? undefined
        : await this.#options.stats().catch(() => undefined)
    if (this.#isClosed) return
    this.#schedule()
    const expected = new Map(this.#options.expected().map((track) => [nameOf(track), track]))
    for (const [name, { track, isStalled }] of this.#flowByName) {
      if (expected.has(name)) continue
      this.#flowByName.delete(name)
      if (isStalled) this.#options.changed(track, false)
    }
    for (const [name, track] of expected) this.#step(name, track, framesOf(track, counters))
  }

  #step(name: string, track: FlowingTrack, frames: number): void {
    const before = this.#flowByName.get(name) ?? { frames, idleLooks: -1, isStalled: false }
    const idleLooks = frames > before.frames ? 0 : before.idleLooks + 1
    const isStalled = idleLooks >= STALLED_AFTER_LOOKS
    this.#flowByName.set(name, { track, frames, idleLooks, isStalled })
    if (isStalled !== before.isStalled) this.#options.changed(track, isStalled)
  }
}

interface Flow {
  readonly track: FlowingTrack
  readonly frames: number
  /** The looks in a row without a new frame. */
  readonly idleLooks: number
  readonly isStalled: boolean
}

const nameOf = ({ participant, source }: FlowingTrack): string => `${participant} ${source}`

const framesOf = ({ participant, source }: FlowingTrack, counters?: MediaStats): number =>
  (counters?.tracks ?? [])
    .filter((track) => track.participant === participant && track.label === source)
    .reduce((sum, { sealed, opened }) => sum + sealed + opened, 0)

const LOOK_MS = 1000
const STALLED_AFTER_LOOKS = 3
