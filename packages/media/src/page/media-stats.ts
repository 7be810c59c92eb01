/**
 * What was sealed, opened and dropped, for people and tests.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import type { FrameCounters } from '../shared/frame-counters.ts'
import { DROP_REASONS, emptyCounters, noDrops } from '../shared/frame-counters.ts'
import type { PipeCounters } from '../shared/protocol.ts'

/** Counters of one transform. */
export type TrackStats = PipeCounters

/** Counters of a session: the sum, and its parts. */
export interface MediaStats extends FrameCounters {
  /** One's own entry counts what was sealed, the others' what was opened. */
  readonly participants: ReadonlyMap<ParticipantId, FrameCounters>
  readonly tracks: readonly TrackStats[]
}

/** Adds up the counters of transforms. */
export function summarise(tracks: readonly PipeCounters[]): MediaStats {
  const participants = new Map<ParticipantId, FrameCounters>()
  let sum = emptyCounters()
  for (const track of tracks) {
    sum = addCounters(sum, track)
    const of = participants.get(track.participant) ?? emptyCounters()
    participants.set(track.participant, addCounters(of, track))
  }
  return { ...sum, participants, tracks }
}

function addCounters(a: FrameCounters, b: FrameCounters): FrameCounters {
  const dropped = noDrops()
  for (const reason of DROP_REASONS) dropped[reason] = a.dropped[reason] + b.dropped[reason]
  return {
    sealed: a.sealed + b.sealed,
    opened: a.opened + b.opened,
    empty: a.empty + b.empty,
    dropped,
  }
}
