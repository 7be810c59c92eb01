/**
 * A participant as an app sees it: an immutable value, another one after each change.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import type { PeerConnection } from '../call/media-transport.ts'
import type { Confirmation } from '../persons/confirmed-persons.ts'
import type { PersonId } from '../persons/person-id.ts'
import type { TrackSource } from '../track-source.ts'

/**
 * The state of a track's frames: `pending` before the first one; `ok` when they are decrypted, or encrypted if the track is
 * this session's; `waiting-key` without a key; `failed` when they are not authentic or encryption does not work. Frames
 * are sent and shown in the state `ok` only. spec R34
 */
export type TrackE2EE = 'pending' | 'ok' | 'waiting-key' | 'failed'

/**
 * Whether a participant is there: `away` when the hub lost it, which it may be for 90 s, with the keys of the room;
 * `leaving` when it left, as long as something that this session sends may still be open to it. Then it is gone. spec R52
 */
export type ParticipantPresence = 'present' | 'away' | 'leaving'

/**
 * Whether a track carries what it should: `live` when its frames come, or when it is off; `stalled` when it is on and none was
 * opened, or of this session's own sealed, for some seconds; `ended` when its device is gone. spec R112
 */
export type Liveness = 'live' | 'stalled' | 'ended'

/** A track of a participant. */
export interface ParticipantTrack {
  readonly track: MediaStreamTrack
  /** Whether its sender has it on. A track that is off carries nothing. */
  readonly enabled: boolean
  readonly e2ee: TrackE2EE
  readonly liveness: Liveness
}

/** A participant at one moment; never changes. `room.participants` holds the newest ones. spec R24 */
export interface Participant {
  readonly id: ParticipantId
  /** The name that it gave itself; any member can choose any name. */
  readonly name: string
  readonly isSelf: boolean
  /**
   * The person whose session it is: the same in all sessions of one browser in this room, also after a reload.
   * `undefined` when no person certifies it. spec R86
   */
  readonly person: PersonId | undefined
  /** Whether this person has confirmed who it is; `none` for this session itself. spec R94 */
  readonly confirmation: Confirmation
  readonly tracks: ReadonlyMap<TrackSource, ParticipantTrack>
  /**
   * The sources that it says it publishes, and whether each is on: also one whose track has not come, or cannot come,
   * because this browser has no codec for it.
   */
  readonly published: Readonly<Partial<Record<TrackSource, boolean>>>
  /**
   * Since when it says that it records, by its clock, in milliseconds since 1970; `undefined` while it does not. You must show
   * it to everyone in the room. spec Q1
   */
  readonly recordingSince: number | undefined
  /**
   * Whether it signs its media, by the first hello of its session: then its tracks stop when somebody else seals frames in its name. spec R135
   */
  readonly signsMedia: boolean
  readonly connection: PeerConnection
  readonly presence: ParticipantPresence
}

/** `before` itself if nothing changed, else a new participant that keeps the parts that did not. spec R24 */
export function nextParticipant(before: Participant | undefined, now: Participant): Participant {
  const tracks = nextTracks(before?.tracks, now.tracks)
  if (
    before !== undefined &&
    before.tracks === tracks &&
    before.name === now.name &&
    before.connection === now.connection &&
    before.confirmation === now.confirmation &&
    before.presence === now.presence &&
    before.recordingSince === now.recordingSince &&
    before.signsMedia === now.signsMedia &&
    JSON.stringify(before.published) === JSON.stringify(now.published)
  ) {
    return before
  }
  return Object.freeze({ ...now, tracks })
}

type Tracks = Participant['tracks']

const nextTracks = (before: Tracks | undefined, now: Tracks): Tracks => {
  const next = new Map<TrackSource, ParticipantTrack>()
  for (const [source, track] of now) {
    const old = before?.get(source)
    next.set(source, old !== undefined && isSameTrack(old, track) ? old : Object.freeze(track))
  }
  if (next.size !== before?.size) return next
  return [...next].every(([source, track]) => before.get(source) === track) ? before : next
}

const isSameTrack = (left: ParticipantTrack, right: ParticipantTrack): boolean =>
  left.track === right.track &&
  left.enabled === right.enabled &&
  left.e2ee === right.e2ee &&
  left.liveness === right.liveness
