/**
 * Statistics of a session: the numbers of frames sealed, opened and dropped.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import { NO_FRAMES } from '../shared/frame-counters.ts'
import type { FrameCounters, FrameDropReason } from '../shared/frame-counters.ts'
import type { PipeCounters } from '../shared/protocol.ts'

/** Counters of one transform. */
export type TrackStats = PipeCounters

/** Counters of a session: the sum, and its parts. */
export interface MediaStats extends FrameCounters {
  /** This session's own entry counts sealed frames, the entries of others count opened ones. */
  readonly participants: ReadonlyMap<ParticipantId, FrameCounters>
  readonly tracks: readonly TrackStats[]
}

/** Adds up the counters of transforms. */
export function sumStats(tracks: readonly PipeCounters[]): MediaStats {
  const participants = new Map<ParticipantId, FrameCounters>()
  for (const track of tracks) {
    const before = participants.get(track.participant) ?? NO_FRAMES
    participants.set(track.participant, addCounters(before, track))
  }
  const sum = tracks.reduce<FrameCounters>(addCounters, NO_FRAMES)
  return { ...sum, participants, tracks }
}

function addCounters(a: FrameCounters, b: FrameCounters): FrameCounters {
  const dropped = { ...a.dropped }
  for (const reason of Object.keys(dropped) as FrameDropReason[]) {
    dropped[reason] += b.dropped[reason]
  }
  return {
    sealed: a.sealed + b.sealed,
    sealedBytes: a.sealedBytes + b.sealedBytes,
    opened: a.opened + b.opened,
    empty: a.empty + b.empty,
    dropped,
  }
}
