import type { StateReport } from '../shared/e2ee-state.ts'
import type { TrackName } from '../shared/track-name.ts'
import { INITIAL_TRACK_STATE, stepState } from './track-state.ts'
import type { TrackState } from './track-state.ts'

/** The states of tracks, by direction, participant and label: several connections may carry the same track. */
export class TrackStates {
  readonly #stateByTrack = new Map<string, TrackState>()
  readonly #announce: (track: DirectedTrack, report: StateReport) => void

  constructor(announce: (track: DirectedTrack, report: StateReport) => void) {
    this.#announce = announce
  }

  /** Steps the state of a track by the outcome of one frame, and announces what is due. */
  report(
    track: DirectedTrack,
    input: { readonly outcome: StateReport; readonly nowMs: number },
  ): void {
    const name = nameOf(track)
    const before = this.#stateByTrack.get(name) ?? INITIAL_TRACK_STATE
    const { track: after, report } = stepState(before, input)
    if (after !== before) this.#stateByTrack.set(name, after)
    if (report) this.#announce(track, report)
  }

  /** The last pipe of a track is gone: the track starts over with the next. */
  forget(track: DirectedTrack): void {
    this.#stateByTrack.delete(nameOf(track))
  }
}

type DirectedTrack = TrackName & { readonly side: 'seal' | 'open' }

const nameOf = (track: DirectedTrack): string => `${track.side}/${track.participant}/${track.label}`
