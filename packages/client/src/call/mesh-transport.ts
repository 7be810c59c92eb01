/**
 * The media of a room: a mesh of peers whose frames are sealed, in the room's terms.
 *
 * @module
 */
import type { KeySource } from '@conclave/e2ee'
import { type E2eeState, FrameCrypto, type MediaStats } from '@conclave/media'
import { Mesh, type SealedDriver } from '@conclave/p2p'
import { type ParticipantId, type RoomId, parseParticipantId } from '@conclave/wire'
import { type TrackSource, isTrackSource } from '../track-source.ts'
import type { PeerConnection, TrackE2EE } from '../room/participant.ts'
import type { RoomOptions } from '../room/room-api.ts'

/** What a call needs. */
export interface CallOptions {
  readonly room: RoomId
  readonly self: ParticipantId
  readonly keys: KeySource
  /** Signalling; what it carries has authenticated. */
  readonly driver: SealedDriver
  readonly options: RoomOptions
}

/** A change of what is known about the frames of a source. */
export interface CallE2EEChange {
  readonly id: ParticipantId
  readonly source: TrackSource
  readonly kind: 'audio' | 'video'
  readonly state: E2eeState
  readonly reason?: string | undefined
  /** How to show the source now; `undefined` for this session's own. */
  readonly shown: TrackE2EE | undefined
}

/** What a call tells its room. */
export interface CallHandlers {
  track(id: ParticipantId, source: TrackSource, track: MediaStreamTrack | undefined): void
  connection(id: ParticipantId, state: PeerConnection): void
  e2ee(change: CallE2EEChange): void
  dropped(reason: string, count: number): void
}

/** Mesh and frame encryption together; nothing leaves the one that did not go through the other. */
export class Call {
  readonly #frames: FrameCrypto
  readonly #mesh: Mesh

  constructor({ room, self, keys, driver, options }: CallOptions) {
    this.#frames = new FrameCrypto({
      keys,
      room,
      self,
      ...(options.createWorker && { createWorker: options.createWorker }),
    })
    this.#mesh = new Mesh({
      driver,
      room,
      id: self,
      frames: this.#frames,
      iceServers: [...(options.iceServers ?? [])],
    })
  }

  /** Tells `handlers` everything from now on. Call once. */
  listen(handlers: CallHandlers): void {
    this.#mesh.on('track', ({ peer, label, track }) => {
      withSource(peer, label, (id, source) => handlers.track(id, source, track))
    })
    this.#mesh.on('trackEnded', ({ peer, label }) => {
      withSource(peer, label, (id, source) => handlers.track(id, source, undefined))
    })
    this.#mesh.on('connection', ({ peer, direction, state }) => {
      const id = parseParticipantId(peer)
      if (id === undefined || direction !== 'receive') return
      handlers.connection(id, SHOWN_CONNECTION[state] ?? 'interrupted')
    })
    this.#mesh.on('dropped', ({ reason }) => handlers.dropped(reason, 1))
    this.#frames.on('state', ({ participant, label, kind, state, reason }) => {
      const shown = SHOWN_E2EE[state]
      withSource(participant, label, (id, source) =>
        handlers.e2ee({ id, source, kind, state, reason, shown }),
      )
    })
  }

  /** Somebody came into the roster. */
  addPeer(id: ParticipantId): void {
    this.#mesh.addPeer(id)
  }

  /** Somebody left the roster: nothing is sent to it any more. */
  removePeer(id: ParticipantId): void {
    this.#mesh.removePeer(id)
  }

  /** Sends a track as a source, or nothing. */
  setTrack(source: TrackSource, kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    this.#mesh.setTrack(source, kind, track)
  }

  /** The way for signalling is back. */
  resync(): void {
    this.#mesh.resync()
  }

  /** What the frame worker counted. */
  stats(): Promise<MediaStats> {
    return this.#frames.stats()
  }

  /** Ends all connections and the worker. */
  async close(): Promise<void> {
    await this.#mesh.close()
    await this.#frames.close()
  }
}

const withSource = (
  peer: string,
  label: string,
  use: (id: ParticipantId, source: TrackSource) => void,
): void => {
  const id = parseParticipantId(peer)
  if (id !== undefined && isTrackSource(label)) use(id, label)
}

const SHOWN_E2EE: Readonly<Record<E2eeState, TrackE2EE | undefined>> = {
  EncryptionSuccess: undefined,
  EncryptionFailed: undefined,
  DecryptionSuccess: 'ok',
  MissingKey: 'waiting-key',
  DecryptionFailed: 'failed',
  InvalidKey: 'failed',
  InternalError: 'failed',
}

const SHOWN_CONNECTION: Readonly<Record<string, PeerConnection>> = {
  new: 'connecting',
  connecting: 'connecting',
  connected: 'connected',
}
