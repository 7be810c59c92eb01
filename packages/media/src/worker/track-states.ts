import type { StateReport } from '../shared/e2ee-state.ts'
import type { TrackName } from '../shared/track-name.ts'
import { INITIAL_TRACK_STATE, isSteady, stepState } from './track-state.ts'
import type { TrackState } from './track-state.ts'

/** The states of tracks, by direction, participant and label: several connections may carry the same track. */
export class TrackStates {
  readonly #stateByTrack = new Map<string, TrackState>()
  readonly #nameByTrack = new WeakMap<DirectedTrack, string>()
  readonly #announce: (track: DirectedTrack, report: StateReport) => void

  constructor(announce: (track: DirectedTrack, report: StateReport) => void) {
    this.#announce = announce
  }

  /** Steps the state of a track by the outcome of one frame, and announces what is due. */
  report(
    track: DirectedTrack,
    { outcome, now }: { readonly outcome: StateReport; readonly now: () => number },
  ): void {
    const name = this.#nameOf(track)
    const before = this.#stateByTrack.get(name) ?? INITIAL_TRACK_STATE
    // Nearly every frame: no need to ask for the time.
    if (isSteady(before, outcome)) return
    const { track: after, report } = stepState(before, { outcome, nowMs: now() })
    if (after !== before) this.#stateByTrack.set(name, after)
    if (report) this.#announce(track, report)
  }

  /** The last pipe of a track is gone: the track starts over with the next. */
  forget(track: DirectedTrack): void {
    this.#stateByTrack.delete(this.#nameOf(track))
  }

  #nameOf(track: DirectedTrack): string {
    const known = this.#nameByTrack.get(track)
    if (known !== undefined) return known
    const name = `${track.side}/${track.participant}/${track.label}`
    this.#nameByTrack.set(track, name)
    return name
  }
}

type DirectedTrack = TrackName & { readonly side: 'seal' | 'open' }
