/**
 * Statistics of a session: the numbers of frames sealed, opened and dropped.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import { addCounters, NO_FRAMES } from '../shared/frame-counters.ts'
import type { FrameCounters } from '../shared/frame-counters.ts'
import type { PipeCounters } from '../shared/protocol.ts'

/** Counters of one transform since it carries its present track. */
export type TrackStats = Omit<PipeCounters, 'before' | 'isVacant'>

/** Counters of a session: the sum, and its parts. */
export interface MediaStats extends FrameCounters {
  /** This session's own entry counts sealed frames, the entries of others count opened ones. */
  readonly participants: ReadonlyMap<ParticipantId, FrameCounters>
  readonly tracks: readonly TrackStats[]
}

/** Adds up the counters of transforms, without what they carried before. */
export function sumStats(pipes: readonly PipeCounters[]): MediaStats {
  const tracks: readonly TrackStats[] = pipes.filter(({ isVacant }) => !isVacant)
  const participants = new Map<ParticipantId, FrameCounters>()
  for (const track of tracks) {
    const before = participants.get(track.participant) ?? NO_FRAMES
    participants.set(track.participant, addCounters(before, track))
  }
  const sum = tracks.reduce<FrameCounters>(addCounters, NO_FRAMES)
  return { ...sum, participants, tracks }
}
