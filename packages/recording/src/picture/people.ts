import type { Participant, RoomSnapshot, TrackSource } from '@conclave/client'
import type { ParticipantId } from '@conclave/wire'

/** A person, or a shared screen, in a recording. */
export interface Shown {
  /** Distinguishes it from all others. */
  readonly key: string
  readonly name: string
  /** Left out: the camera is off. */
  readonly video: MediaStreamTrack | undefined
}

/** Everything of a room that may be recorded at one moment. */
export interface Recordable {
  readonly shown: readonly Shown[]
  readonly sounds: readonly MediaStreamTrack[]
}

/** The part of a room that may be recorded: this session, and those to whom the recording is known. spec Q3, Q4 */
export function recordableOf(
  { self, participants }: Pick<RoomSnapshot, 'self' | 'participants'>,
  isKnownTo: (participant: ParticipantId) => boolean,
): Recordable {
  const people = [self, ...[...participants.values()].filter(({ id }) => isKnownTo(id))]
  return {
    shown: people.slice(0, MAX_PEOPLE).flatMap((person) => shownOf(person)),
    sounds: people.flatMap((person) =>
      (['microphone', 'screen-audio'] as const).flatMap((source) => trackOf(person, source) ?? []),
    ),
  }
}

const shownOf = (person: Participant): readonly Shown[] => {
  const { id, name } = person
  const screen = trackOf(person, 'screen')
  return [
    { key: id, name, video: trackOf(person, 'camera') },
    ...(screen === undefined ? [] : [{ key: `${id} screen`, name, video: screen }]),
  ]
}

const trackOf = (person: Participant, source: TrackSource): MediaStreamTrack | undefined => {
  const track = person.tracks.get(source)
  return track?.enabled === true && track.track.readyState === 'live' ? track.track : undefined
}

/** More do not fit into a picture. */
const MAX_PEOPLE = 25
