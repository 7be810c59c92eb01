/**
 * The state of one track, and the changes of it that are announced. spec M25
 *
 * @module
 */
import type { E2eeState, StateReport } from '../shared/e2ee-state.ts'
import type { FrameDropReason } from '../shared/frame-counters.ts'

/** The state of a track between two frames. */
export interface TrackState {
  readonly current: StateReport | undefined
  readonly failuresInRow: number
  /** How many of them pointed to the same state as the last one. */
  readonly sameInRow: number
  readonly lastFailure: E2eeState | undefined
  readonly reportedAtMs: number
}

/** A track of which no frame was seen yet. */
export const INITIAL_TRACK_STATE: TrackState = {
  current: undefined,
  failuresInRow: 0,
  sameInRow: 0,
  lastFailure: undefined,
  reportedAtMs: Number.NEGATIVE_INFINITY,
}

/**
 * Steps the state by the outcome of one frame. A `report` in the result is to be announced: a change of state at once, a
 * failure that persists at most once a second.
 */
export function stepState(
  track: TrackState,
  input: { readonly outcome: StateReport; readonly nowMs: number },
): { readonly track: TrackState; readonly report?: StateReport } {
  const { outcome, nowMs } = input
  if (isSuccess(outcome.state)) {
    if (isSteady(track, outcome)) return { track }
    const next = { ...INITIAL_TRACK_STATE, current: outcome, reportedAtMs: nowMs }
    return track.current?.state === outcome.state
      ? { track: next }
      : { track: next, report: outcome }
  }
  const failing: TrackState = {
    ...track,
    failuresInRow: track.failuresInRow + 1,
    sameInRow: track.lastFailure === outcome.state ? track.sameInRow + 1 : 1,
    lastFailure: outcome.state,
  }
  if (!isDue(failing, input)) return { track: failing }
  return { track: { ...failing, current: outcome, reportedAtMs: nowMs }, report: outcome }
}

/** The state that a dropped frame points to (spec, table of section 6). */
export function stateOfDrop(
  side: 'seal' | 'open',
  drop: { readonly reason: FrameDropReason; readonly isKeyProven?: boolean },
): StateReport {
  const { reason } = drop
  if (reason === 'missing-key') return { state: 'MissingKey', reason }
  if (reason === 'internal') return { state: 'InternalError', reason }
  if (side === 'seal') return { state: 'EncryptionFailed', reason }
  if (reason === 'not-authentic' && drop.isKeyProven === false) {
    return { state: 'InvalidKey', reason: 'wrong-key' }
  }
  return { state: 'DecryptionFailed', reason }
}

/** Whether a frame succeeded as those before it did: nothing changes. */
export function isSteady(track: TrackState, { state }: StateReport): boolean {
  return track.failuresInRow === 0 && track.current?.state === state && isSuccess(state)
}

/** Whether frames flow in this state. */
export function isSuccess(state: E2eeState): boolean {
  return state === 'EncryptionSuccess' || state === 'DecryptionSuccess'
}

const isDue = (
  failing: TrackState,
  { outcome, nowMs }: { readonly outcome: StateReport; readonly nowMs: number },
): boolean => {
  const { current } = failing
  if (!current) return true
  if (isSuccess(current.state)) return failing.failuresInRow >= EDGE_AFTER_FAILURES
  if (current.state !== outcome.state) return failing.sameInRow >= EDGE_AFTER_FAILURES
  return nowMs - failing.reportedAtMs >= LEVEL_EVERY_MS
}

/** A tenth of a second of audio, a sixth of video: shorter runs are counted, not announced. */
const EDGE_AFTER_FAILURES = 5
const LEVEL_EVERY_MS = 1000
