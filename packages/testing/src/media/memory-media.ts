/**
 * Media that passes in memory: others get the very track that was published.
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import type {
  MediaContext,
  MediaTransport,
  MediaTransportEvents,
  MediaTransportFactory,
  TrackSource,
} from '@conclave/client'

/** The media of one room: give `transport` to all sessions, as their option `media`. */
export class MemoryMedia {
  /** Makes the media of one session. */
  readonly transport: MediaTransportFactory = (context) => {
    const made = new MemoryTransport(context, this.#sessions)
    this.#sessions.set(context.self, made)
    return made
  }
  readonly #sessions = new Map<string, MemoryTransport>()

  get [Symbol.toStringTag](): string {
    return 'MemoryMedia'
  }
}

type Participant = MediaContext['self']

/** The media of one session. */
class MemoryTransport extends Emitter<MediaTransportEvents> implements MediaTransport {
  readonly #self: Participant
  readonly #sessions: Map<string, MemoryTransport>
  readonly #tracks = new Map<TrackSource, MediaStreamTrack>()
  readonly #participants = new Set<Participant>()
  #looks = 0

  override get [Symbol.toStringTag](): string {
    return 'MemoryTransport'
  }

  constructor({ self }: MediaContext, sessions: Map<string, MemoryTransport>) {
    super()
    this.#self = self
    this.#sessions = sessions
  }

  addParticipant(participant: Participant): void {
    this.#participants.add(participant)
    const other = this.#sessions.get(participant)
    if (other === undefined || !other.#participants.has(this.#self)) return
    for (const [one, two] of [
      [this, other],
      [other, this],
    ] as const) {
      one.emit('connectionChanged', { participant: two.#self, connection: 'connected' })
      for (const [source, track] of two.#tracks) one.#shows(two, source, track)
    }
  }

  removeParticipant(participant: Participant): void {
    this.#participants.delete(participant)
  }

  setTrack(source: TrackSource, track: MediaStreamTrack | null): void {
    const wasThere = this.#tracks.has(source)
    if (track === null) this.#tracks.delete(source)
    else this.#tracks.set(source, track)
    for (const participant of this.#participants) {
      const other = this.#sessions.get(participant)
      if (other === undefined || !other.#participants.has(this.#self)) continue
      if (track !== null) other.#shows(this, source, track)
      else if (wasThere) other.emit('trackRemoved', { participant: this.#self, source })
    }
  }

  resync(): void {}

  /** Frames seem to flow, so that no track is stalled. */
  async stats(): ReturnType<MediaTransport['stats']> {
    this.#looks += 1
    const counters = { sealed: 0, sealedBytes: 0, opened: this.#looks, empty: 0, dropped: {} }
    const sessions = [this, ...this.#sessions.values()]
    const tracks = sessions.flatMap((session) =>
      [...session.#tracks.keys()].map((label) => ({
        ...counters,
        ...{ participant: session.#self, label },
      })),
    )
    return { ...counters, participants: new Map(), tracks } as unknown as Awaited<
      ReturnType<MediaTransport['stats']>
    >
  }

  async close(): Promise<void> {
    this.#sessions.delete(this.#self)
    this.#participants.clear()
    this.clear()
  }

  #shows(from: MemoryTransport, source: TrackSource, track: MediaStreamTrack): void {
    const participant = from.#self
    const kind = track.kind === 'audio' ? 'audio' : 'video'
    this.emit('trackAdded', { participant, source, track })
    this.emit('e2eeStateChanged', { participant, source, kind, state: 'DecryptionSuccess' })
    from.emit('e2eeStateChanged', { participant, source, kind, state: 'EncryptionSuccess' })
  }
}
