import { Emitter } from '@conclave/base'
import type { E2eeState, StateReason } from '@conclave/media'
import type { ParticipantId } from '@conclave/wire'
import type { Participant, ParticipantTrack } from '../room/participant.ts'
import { type TrackSource, mediumOf } from '../track-source.ts'

/** A track of a participant. */
export interface MeetingStream {
  readonly kind: 'audio' | 'video'
  readonly source: TrackSource
  readonly track: MediaStreamTrack
}

/** The events of a {@link MeetingParticipant}. */
export interface MeetingParticipantEvents {
  /** The encryption of its media of a kind changed its state. Every failure is followed by an event when it ends. spec R133 */
  readonly 'e2ee-state-change': {
    readonly kind: 'audio' | 'video'
    readonly source: TrackSource
    readonly state: E2eeState
    /** Why it fails; `undefined` for a success. */
    readonly reason?: StateReason | undefined
  }
  /** A track is there, whose frames are shown once they are decrypted. */
  readonly 'stream-enabled': MeetingStream
  /** A track is gone. */
  readonly 'stream-disabled': MeetingStream
}

/** Somebody in a meeting, for as long as they are in it; this session too. */
export class MeetingParticipant {
  readonly #now: () => Participant | undefined
  readonly #emitter = new Emitter<MeetingParticipantEvents>()
  readonly #shownBySource = new Map<TrackSource, MeetingStream>()

  get [Symbol.toStringTag](): string {
    return 'MeetingParticipant'
  }

  /** @param now the participant as it is; `undefined` for this session before it has joined */
  constructor(now: () => Participant | undefined) {
    this.#now = now
  }

  /** `undefined` for this session before it has joined. */
  get id(): ParticipantId | undefined {
    return this.#now()?.id
  }

  /** The name that it gave itself. */
  get displayName(): string {
    return this.#now()?.name ?? ''
  }

  /** Its tracks, each with the state of its encryption. */
  get tracks(): ReadonlyMap<TrackSource, ParticipantTrack> {
    return this.#now()?.tracks ?? NO_TRACKS
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof MeetingParticipantEvents>(
    type: T,
    handler: (event: MeetingParticipantEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** Reports a change of state to the handlers. For the meeting. */
  report(event: MeetingParticipantEvents['e2ee-state-change']): void {
    this.#emitter.emit('e2ee-state-change', event)
  }

  /** Reports the tracks that came and went since the last time. For the meeting. */
  showTracks(): void {
    const { tracks } = this
    for (const [source, shown] of this.#shownBySource) {
      if (tracks.get(source)?.track === shown.track) continue
      this.#shownBySource.delete(source)
      this.#emitter.emit('stream-disabled', shown)
    }
    for (const [source, { track }] of tracks) {
      if (this.#shownBySource.has(source)) continue
      const shown = { kind: mediumOf(source), source, track }
      this.#shownBySource.set(source, shown)
      this.#emitter.emit('stream-enabled', shown)
    }
  }
}

const NO_TRACKS: ReadonlyMap<TrackSource, ParticipantTrack> = new Map()
