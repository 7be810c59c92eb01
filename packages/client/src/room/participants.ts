/**
 * The people in the room as the app sees them, put together from what three parts tell: the roster and what each says
 * of itself (channel), their tracks and connections (peers), and what their frames are known to be (frames).
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import type { ParticipantInfo } from '../messages/bodies.ts'
import type { TrackSource } from '../track-source.ts'
import type { Participant, ParticipantTrack, PeerConnection, TrackE2EE } from './participant.ts'

/** What changed in the list. */
export interface ParticipantEvents {
  readonly participantJoined: { readonly participant: Participant }
  readonly participantLeft: { readonly participant: Participant }
  /** Its name, a source that was turned on or off, its connection, or what its frames are known to be. */
  readonly participantChanged: { readonly participant: Participant }
  readonly trackAdded: {
    readonly participant: Participant
    readonly source: TrackSource
    readonly track: MediaStreamTrack
  }
  readonly trackRemoved: { readonly participant: Participant; readonly source: TrackSource }
}

/** Where changes are told. */
export interface ParticipantSink {
  /** Tells one. */
  emit<T extends keyof ParticipantEvents>(type: T, event: ParticipantEvents[T]): void
}

/** Keeps the list and tells what changed in it. */
export class Participants {
  readonly #events: ParticipantSink
  readonly #partsById = new Map<ParticipantId, Parts>()
  readonly #viewById = new Map<ParticipantId, Participant>()

  constructor(events: ParticipantSink) {
    this.#events = events
  }

  /** Everyone else in the roster, as they are now. */
  get all(): ReadonlyMap<ParticipantId, Participant> {
    return this.#viewById
  }

  /** Somebody came into the roster. */
  add(id: ParticipantId, info: ParticipantInfo): void {
    this.#partsById.set(id, {
      info,
      tracks: new Map(),
      silent: new Set(),
      e2ee: new Map(),
      connection: 'connecting',
    })
    const participant = this.#view(id)
    if (participant !== undefined) this.#events.emit('participantJoined', { participant })
  }

  /** Somebody left the roster. */
  remove(id: ParticipantId): void {
    const participant = this.#viewById.get(id)
    this.#partsById.delete(id)
    this.#viewById.delete(id)
    if (participant !== undefined) this.#events.emit('participantLeft', { participant })
  }

  /** What it says of itself. */
  setInfo(id: ParticipantId, info: ParticipantInfo): void {
    this.#change(id, (parts) => {
      parts.info = info
    })
  }

  /**
   * A track of it came, or nothing is sent on it any more (`undefined`): then it stays as long as its info names the
   * source, because a source that is off is not sent either (spec R19, R20).
   */
  setTrack(id: ParticipantId, source: TrackSource, track: MediaStreamTrack | undefined): void {
    this.#change(id, (parts) => {
      if (track === undefined) {
        parts.silent.add(source)
      } else {
        parts.silent.delete(source)
        parts.tracks.set(source, track)
      }
    })
  }

  /** What the frames of a source are known to be. */
  setE2EE(id: ParticipantId, source: TrackSource, e2ee: TrackE2EE): void {
    this.#change(id, (parts) => {
      parts.e2ee.set(source, e2ee)
    })
  }

  /** How the connections to it stand. */
  setConnection(id: ParticipantId, connection: PeerConnection): void {
    this.#change(id, (parts) => {
      parts.connection = connection
    })
  }

  #change(id: ParticipantId, change: (parts: Parts) => void): void {
    const parts = this.#partsById.get(id)
    const before = this.#viewById.get(id)
    if (parts === undefined || before === undefined) return
    change(parts)
    for (const source of parts.silent) {
      if (parts.info.published[source] === undefined) parts.tracks.delete(source)
    }
    const participant = this.#view(id)
    if (participant === undefined) return
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
    this.#events.emit('participantChanged', { participant })
  }

  #view(id: ParticipantId): Participant | undefined {
    const parts = this.#partsById.get(id)
    if (parts === undefined) return undefined
    const tracks = new Map<TrackSource, ParticipantTrack>()
    for (const [source, track] of parts.tracks) {
      const enabled = parts.info.published[source]
      if (enabled === undefined) continue
      tracks.set(source, { track, enabled, e2ee: parts.e2ee.get(source) ?? 'waiting-key' })
    }
    const { connection, info } = parts
    const view: Participant = { id, name: info.name, isSelf: false, tracks, connection }
    this.#viewById.set(id, view)
    return view
  }
}

interface Parts {
  info: ParticipantInfo
  readonly tracks: Map<TrackSource, MediaStreamTrack>
  /** Sources on which nothing is sent. */
  readonly silent: Set<TrackSource>
  readonly e2ee: Map<TrackSource, TrackE2EE>
  connection: PeerConnection
}
