/**
 * Somebody in the room.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import type { TrackSource } from '../track-source.ts'

/** What a track's frames are known to be: opened, waiting for their key, or not authentic and therefore not shown. */
export type TrackE2EE = 'ok' | 'waiting-key' | 'failed'

/** How the media connections to a participant stand. */
export type PeerConnection = 'connecting' | 'connected' | 'interrupted'

/** A track of a participant. */
export interface ParticipantTrack {
  readonly track: MediaStreamTrack
  /** Whether its sender has it on. A track that is off carries nothing. */
  readonly enabled: boolean
  readonly e2ee: TrackE2EE
}

/** A participant as it is now. Each change makes a new object; `room.participants` holds the newest. */
export interface Participant {
  readonly id: ParticipantId
  /** As it says itself; any member can choose any name. */
  readonly name: string
  readonly isSelf: boolean
  readonly tracks: ReadonlyMap<TrackSource, ParticipantTrack>
  readonly connection: PeerConnection
}
