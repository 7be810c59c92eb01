/**
 * The states of tracks, by participant and label: several connections may carry the same track.
 *
 * @module
 */
import type { StateReport } from '../shared/e2ee-state.ts'
import type { TrackState } from './track-state.ts'
import { INITIAL_TRACK_STATE, stepState } from './track-state.ts'
import type { PipeOptions } from '../shared/protocol.ts'

/** The part of a pipe's options that names its track. */
export type TrackName = Pick<PipeOptions, 'side' | 'participant' | 'label' | 'kind'>

/** Steps the state of each track, and announces what is due. */
export class TrackStates {
  readonly #stateByTrack = new Map<string, TrackState>()
  readonly #announce: (track: TrackName, report: StateReport) => void

  constructor(announce: (track: TrackName, report: StateReport) => void) {
    this.#announce = announce
  }

  /** Takes the outcome of one frame of a track. */
  settle(track: TrackName, input: { readonly outcome: StateReport; readonly nowMs: number }): void {
    const name = nameOf(track)
    const before = this.#stateByTrack.get(name) ?? INITIAL_TRACK_STATE
    const { track: after, report } = stepState(before, input)
    if (after !== before) this.#stateByTrack.set(name, after)
    if (report) this.#announce(track, report)
  }

  /** The last pipe of a track is gone: it begins anew with the next. */
  forget(track: TrackName): void {
    this.#stateByTrack.delete(nameOf(track))
  }
}

const nameOf = (track: TrackName): string => `${track.side}/${track.participant}/${track.label}`
