/**
 * Merges the states of all tracks for the application: those that the worker reports, unless a connection of the track has failed.
 *
 * @module
 */
import type { E2eeState, StateReason, StateReport } from '../shared/e2ee-state.ts'
import type { TrackName } from '../shared/track-name.ts'

/** The event `state`. A failure that persists is announced again, at most once a second. */
export interface StateEvent extends TrackName {
  readonly state: E2eeState
  readonly reason?: StateReason
}

/** Turns reports into events. Each failure that is not final ends with an event of success. */
export class TrackStateMerger {
  readonly #entryByName = new Map<string, Entry>()
  readonly #announce: (event: StateEvent) => void

  constructor(announce: (event: StateEvent) => void) {
    this.#announce = announce
  }

  /** A pipe carries the track from now on. */
  add(track: TrackName, pipe: number): void {
    const entry = this.#entryByName.get(nameOf(track))
    if (entry) entry.pipes.add(pipe)
    else this.#entryByName.set(nameOf(track), { pipes: new Set([pipe]), failureByPipe: new Map() })
  }

  /** The worker reports a state. It is withheld while a pipe of the track has failed. */
  report(track: TrackName, report: StateReport): void {
    const entry = this.#entryByName.get(nameOf(track))
    if (!entry) return
    entry.reported = report
    if (entry.failureByPipe.size === 0) this.#announce({ ...track, ...report })
  }

  /** A pipe failed for good: the track is in this state until the pipe is removed. */
  fail(track: TrackName & { readonly pipe: number }, report: StateReport): void {
    const { pipe, participant, label, kind } = track
    const entry = this.#entryByName.get(nameOf(track))
    if (!entry?.pipes.has(pipe) || entry.failureByPipe.get(pipe)?.state === report.state) return
    entry.failureByPipe.set(pipe, report)
    this.#announce({ participant, label, kind, ...report })
  }

  /** The pipe's connection is gone. */
  remove(track: TrackName, pipe: number): void {
    const entry = this.#entryByName.get(nameOf(track))
    if (!entry?.pipes.delete(pipe)) return
    const hadFailed = entry.failureByPipe.delete(pipe)
    if (entry.pipes.size === 0) this.#entryByName.delete(nameOf(track))
    else if (hadFailed && entry.failureByPipe.size === 0 && entry.reported) {
      this.#announce({ ...track, ...entry.reported })
    }
  }
}

interface Entry {
  readonly pipes: Set<number>
  readonly failureByPipe: Map<number, StateReport>
  reported?: StateReport
}

const nameOf = (track: TrackName): string => `${track.participant}/${track.label}`
