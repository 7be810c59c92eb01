/**
 * The others in the room as the app sees them, put together from three sources: the roster and their own information
 * (messages), their tracks and connections (media), and the state of their frames (media).
 *
 * @module
 */
import type { Wish } from '@conclave/p2p'
import type { ParticipantId } from '@conclave/wire'
import { type Kind, PARTICIPANT_ID, checkArgument, oneOf } from '../arguments.ts'
import type { PeerConnection } from '../call/media-transport.ts'
import type { ParticipantInfo } from '../messages/bodies.ts'
import type { Confirmable, Confirmation } from '../persons/confirmed-persons.ts'
import type { PersonId } from '../persons/person-id.ts'
import { STREAM_SOURCE, type StreamSource, type TrackSource } from '../track-source.ts'
import {
  type Liveness,
  type Participant,
  type ParticipantPresence,
  type ParticipantTrack,
  type TrackE2EE,
  nextParticipant,
} from './participant.ts'

/** Events of the list. */
export interface ParticipantEvents {
  readonly participantJoined: { readonly participant: Participant }
  readonly participantLeft: { readonly participant: Participant }
  /** It says that it records the room. spec Q1 */
  readonly recordingStarted: { readonly participant: Participant }
  /** It records no longer, by its word, or it left. */
  readonly recordingEnded: { readonly participant: Participant }
  /** Its name, a source that was turned on or off, its connection, its presence, or the state of its frames. */
  readonly participantChanged: { readonly participant: Participant }
  readonly trackAdded: {
    readonly participant: Participant
    readonly source: TrackSource
    readonly track: MediaStreamTrack
  }
  /** A track that was added is shown no longer; also each track of a participant that leaves, before `participantLeft`. */
  readonly trackRemoved: { readonly participant: Participant; readonly source: TrackSource }
}

/** The list at one moment. */
export type ParticipantMap = ReadonlyMap<ParticipantId, Participant>

/** Sends the events of {@link Participants}. */
export interface ParticipantEmitter {
  /** Sends one. */
  emit<T extends keyof ParticipantEvents>(type: T, event: ParticipantEvents[T]): void
}

/** Keeps the list and reports each change of it. */
export class Participants {
  readonly #events: ParticipantEmitter
  readonly #changed: (all: ParticipantMap) => void
  readonly #confirmationOf: (participant: Confirmable) => Confirmation
  readonly #partsById = new Map<ParticipantId, Parts>()
  #all: ParticipantMap = new Map()

  /** @param options.changed receives each new list, before the events that explain it */
  constructor(options: {
    readonly events: ParticipantEmitter
    readonly changed: (all: ParticipantMap) => void
    readonly confirmationOf: (participant: Confirmable) => Confirmation
  }) {
    this.#events = options.events
    this.#changed = options.changed
    this.#confirmationOf = options.confirmationOf
  }

  /** The list at this moment. */
  get all(): ParticipantMap {
    return this.#all
  }

  /** Those who take data. spec R170 */
  get takingData(): readonly ParticipantId[] {
    return [...this.#partsById].filter(([, { info }]) => info.data === true).map(([id]) => id)
  }

  /** A participant entered the roster. */
  add(id: ParticipantId, info: ParticipantInfo, person?: PersonId): void {
    const parts: Parts = {
      info,
      person,
      tracks: new Map(),
      newest: new Map(),
      silent: new Set(),
      e2ee: new Map(),
      stalled: new Set(),
      paused: new Set(),
      connection: 'connecting',
      presence: 'present',
    }
    this.#partsById.set(id, parts)
    const participant = this.#viewOf(id, parts)
    this.#replace(new Map(this.#all).set(id, participant))
    this.#events.emit('participantJoined', { participant })
    emitRecording(this.#events, undefined, participant)
  }

  /** A participant left the roster, and its tracks with it. spec R19 */
  remove(id: ParticipantId): void {
    const participant = this.#all.get(id)
    this.#partsById.delete(id)
    if (participant === undefined) return
    const all = new Map(this.#all)
    all.delete(id)
    this.#replace(all)
    for (const source of participant.tracks.keys()) {
      this.#events.emit('trackRemoved', { participant, source })
    }
    emitRecording(this.#events, participant, undefined)
    this.#events.emit('participantLeft', { participant })
  }

  /** Its name, and which sources it publishes. */
  setInfo(id: ParticipantId, info: ParticipantInfo): void {
    this.#change(id, (parts) => {
      parts.info = info
    })
  }

  /**
   * A track arrived, or its sender stopped sending on it (`undefined`): then it stays as long as the participant's info
   * names the source, because a source that is off is not sent either. spec R19, R20
   */
  setTrack(id: ParticipantId, source: TrackSource, track: MediaStreamTrack | undefined): void {
    this.#change(id, (parts) => {
      if (track === undefined) {
        parts.silent.add(source)
      } else {
        parts.silent.delete(source)
        parts.tracks.set(source, track)
        // Another track comes over another connection, of which no frame was seen yet. spec R34
        const before = parts.newest.get(source)
        if (before !== undefined && before !== track) parts.e2ee.delete(source)
        parts.newest.set(source, track)
      }
    })
  }

  /** The state of a source's frames. */
  setE2EE(id: ParticipantId, source: TrackSource, e2ee: TrackE2EE): void {
    this.#change(id, (parts) => {
      parts.e2ee.set(source, e2ee)
    })
  }

  /** Frames of a source that is on do not come, or come again. spec R112 */
  setStalled(id: ParticipantId, source: TrackSource, isStalled: boolean): void {
    this.#change(id, ({ stalled }) => {
      if (isStalled) stalled.add(source)
      else stalled.delete(source)
    })
  }

  /**
   * Notes how much of a video is wanted: frames of a paused one are not missed. Answers whether the participant is there. spec R211
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   */
  watch(id: ParticipantId, source: StreamSource, wish: Wish): boolean {
    checkArgument('participant', id, PARTICIPANT_ID)
    checkArgument('source', source, STREAM_SOURCE)
    checkArgument('wish', wish, WISH)
    const paused = this.#partsById.get(id)?.paused
    if (wish === 'paused') paused?.add(source)
    else paused?.delete(source)
    return paused !== undefined
  }

  /** Whether frames of a source are not to come. */
  isPaused(id: ParticipantId, source: TrackSource): boolean {
    return this.#partsById.get(id)?.paused.has(source) === true
  }

  /** No frame of anybody was opened yet. */
  forgetE2EE(): void {
    for (const id of this.#all.keys()) this.#change(id, (parts) => parts.e2ee.clear())
  }

  /** The state of the connections to it. */
  setConnection(id: ParticipantId, connection: PeerConnection): void {
    this.#change(id, (parts) => {
      parts.connection = connection
    })
  }

  /** The confirmations of persons changed. */
  confirmationsChanged(): void {
    for (const id of this.#all.keys()) this.#change(id, () => {})
  }

  /** The hub lost it, it is back, or it left and what is said is not closed to it yet. spec R52 */
  setPresence(id: ParticipantId, presence: ParticipantPresence): void {
    this.#change(id, (parts) => {
      parts.presence = presence
    })
  }

  #change(id: ParticipantId, change: (parts: Parts) => void): void {
    const parts = this.#partsById.get(id)
    const before = this.#all.get(id)
    if (parts === undefined || before === undefined) return
    change(parts)
    for (const source of parts.silent) {
      if (parts.info.published[source] === undefined) parts.tracks.delete(source)
    }
    const participant = this.#viewOf(id, parts, before)
    if (participant === before) return
    this.#replace(new Map(this.#all).set(id, participant))
    for (const [source, { track }] of before.tracks) {
      if (participant.tracks.get(source)?.track !== track) {
        this.#events.emit('trackRemoved', { participant, source })
      }
    }
    for (const [source, { track }] of participant.tracks) {
      if (before.tracks.get(source)?.track !== track) {
        this.#events.emit('trackAdded', { participant, source, track })
      }
    }
    emitRecording(this.#events, before, participant)
    this.#events.emit('participantChanged', { participant })
  }

  #viewOf(id: ParticipantId, parts: Parts, before?: Participant): Participant {
    const { connection, info, person, presence } = parts
    const confirmation = this.#confirmationOf({ id, person, name: info.name })
    const tracks = shownTracks(parts)
    const certified = { id, isSelf: false, person, confirmation }
    const { name, recording: recordingSince, signsMedia = false } = info
    const said = { name, recordingSince, signsMedia, published: enabledOf(info) }
    return nextParticipant(before, { ...certified, ...said, tracks, connection, presence })
  }

  #replace(all: ParticipantMap): void {
    this.#all = all
    this.#changed(all)
  }
}

/** Says whether a participant began to record between two moments, or ended. A new time is another recording. */
export function emitRecording(
  events: ParticipantEmitter,
  before: Participant | undefined,
  now: Participant | undefined,
): void {
  if (before?.recordingSince === now?.recordingSince) return
  if (before?.recordingSince !== undefined) {
    events.emit('recordingEnded', { participant: now ?? before })
  }
  if (now?.recordingSince !== undefined) events.emit('recordingStarted', { participant: now })
}

interface Parts {
  info: ParticipantInfo
  readonly person: PersonId | undefined
  readonly tracks: Map<TrackSource, MediaStreamTrack>
  /** The last track of each source, also of one that ended. */
  readonly newest: Map<TrackSource, MediaStreamTrack>
  /** Sources on which nothing is sent. */
  readonly silent: Set<TrackSource>
  readonly e2ee: Map<TrackSource, TrackE2EE>
  /** Sources that are on, and of which no frame comes. */
  readonly stalled: Set<TrackSource>
  /** Videos that nobody looks at here. */
  readonly paused: Set<TrackSource>
  connection: PeerConnection
  presence: ParticipantPresence
}

const shownTracks = (parts: Parts): ReadonlyMap<TrackSource, ParticipantTrack> => {
  const tracks = new Map<TrackSource, ParticipantTrack>()
  for (const [source, track] of parts.tracks) {
    const published = parts.info.published[source]
    if (published === undefined) continue
    const enabled = published === true
    const e2ee = parts.e2ee.get(source) ?? 'pending'
    tracks.set(source, { track, enabled, e2ee, liveness: livenessOf(source, parts) })
  }
  return tracks
}

const livenessOf = (source: TrackSource, { info, stalled, connection }: Parts): Liveness => {
  const published = info.published[source]
  if (published === 'ended') return 'ended'
  const isStalled = stalled.has(source) || connection === 'interrupted'
  return published === true && isStalled ? 'stalled' : 'live'
}

const enabledOf = ({ published }: ParticipantInfo): Participant['published'] =>
  Object.fromEntries(Object.entries(published).map(([source, state]) => [source, state === true]))

const WISH: Kind = oneOf('full', 'low', 'paused')
