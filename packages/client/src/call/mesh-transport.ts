/**
 * Media over a mesh: a connection to each participant, whose frames are encrypted in a worker.
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import { FrameCrypto, type MediaStats } from '@conclave/media'
import { Mesh } from '@conclave/p2p'
import { type ParticipantId, parseParticipantId } from '@conclave/wire'
import { wrongArgument } from '../arguments.ts'
import { problemFrom, problemOf } from '../problem.ts'
import { type TrackSource, isTrackSource, mediumOf } from '../track-source.ts'
import type {
  MediaContext,
  MediaTransport,
  MediaTransportEvents,
  PeerConnection,
} from './media-transport.ts'

/** Options of the mesh. */
export interface MeshTransportOptions {
  /** STUN and TURN servers. They learn addresses and carry ciphertext. */
  readonly iceServers?: readonly RTCIceServer[] | undefined
  /** Makes the worker that encrypts frames, for bundlers that need help with it. */
  readonly createWorker?: (() => Worker) | undefined
}

/** Mesh and frame encryption together: nothing leaves the mesh that the encryption did not seal. spec R18 */
export class MeshTransport implements MediaTransport {
  readonly isDirect = true
  readonly #emitter = new Emitter<MediaTransportEvents>()
  readonly #frames: FrameCrypto
  readonly #mesh: Mesh
  readonly #self: ParticipantId
  /** Participants for whom there was no place in the mesh. spec R37 */
  readonly #waiting = new Set<ParticipantId>()
  readonly #sources = new Set<TrackSource>()
  #failed = false

  get [Symbol.toStringTag](): string {
    return 'MeshTransport'
  }

  /** @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` @throws MediaError `ERR_MEDIA_UNSUPPORTED`, `ERR_MEDIA_WORKER_START` */
  constructor(
    { room, self, keys, driver, clock }: MediaContext,
    options: MeshTransportOptions = {},
  ) {
    const { iceServers = [], createWorker } = options
    this.#self = self
    this.#frames = new FrameCrypto({
      keys,
      room,
      self,
      clock,
      ...(createWorker && { createWorker }),
    })
    try {
      this.#mesh = new Mesh({
        driver,
        room,
        id: self,
        frames: this.#frames,
        iceServers: [...iceServers],
        clock,
      })
    } catch {
      void this.#frames.close()
      throw wrongArgument('iceServers', iceServers, 'servers that this browser takes')
    }
    this.#listen()
  }

  on<T extends keyof MediaTransportEvents>(
    type: T,
    handler: (event: MediaTransportEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  addParticipant(participant: ParticipantId): void {
    try {
      this.#mesh.addPeer(participant)
    } catch (error) {
      this.#waiting.add(participant)
      this.#report(error)
    }
  }

  removeParticipant(participant: ParticipantId): void {
    if (this.#waiting.delete(participant)) return
    this.#mesh.removePeer(participant)
    const [next] = this.#waiting
    if (next !== undefined && this.#waiting.delete(next)) this.addParticipant(next)
  }

  setTrack(source: TrackSource, track: MediaStreamTrack | null): void {
    this.#mesh.setTrack(source, mediumOf(source), track)
    this.#sources.add(source)
    if (this.#failed) this.#showFailure(source)
  }

  resync(): void {
    this.#mesh.resync()
  }

  stats(): Promise<MediaStats> {
    return this.#frames.stats()
  }

  async close(): Promise<void> {
    await this.#mesh.close()
    await this.#frames.close()
    this.#emitter.clear()
  }

  #listen(): void {
    this.#mesh.on('track', ({ peer, label, track }) => {
      const named = sourceOfPeer(peer, label)
      if (named !== undefined) this.#emitter.emit('trackAdded', { ...named, track })
    })
    this.#mesh.on('trackEnded', ({ peer, label }) => {
      const named = sourceOfPeer(peer, label)
      if (named !== undefined) this.#emitter.emit('trackRemoved', named)
    })
    this.#mesh.on('connection', ({ peer, direction, state }) => {
      const participant = parseParticipantId(peer)
      if (participant === undefined || direction !== 'receive') return
      const connection = SHOWN_CONNECTION[state] ?? 'interrupted'
      this.#emitter.emit('connectionChanged', { participant, connection })
    })
    this.#mesh.on('dropped', ({ reason }) => this.#emitter.emit('dropped', { reason, count: 1 }))
    this.#mesh.on('error', ({ error }) => this.#report(error))
    this.#frames.on('error', ({ error }) => this.#report(error))
    this.#frames.on('cleartext-risk', () =>
      this.#emitter.emit('problem', problemOf('ERR_CLIENT_CLEARTEXT_RISK')),
    )
    this.#frames.on('failed', ({ error }) => {
      this.#failed = true
      for (const source of this.#sources) this.#showFailure(source)
      this.#report(error)
    })
    this.#frames.on('state', ({ participant, label, kind, state, reason }) => {
      const named = sourceOfPeer(participant, label)
      if (named === undefined) return
      // All own sources fail at once, sent or not, with the event `failed`.
      if (reason === 'worker-failed' && named.participant === this.#self) return
      this.#emitter.emit('e2eeStateChanged', { ...named, kind, state, reason })
    })
  }

  /** Without a worker nothing is sealed: that is the state of each own source, sent or not. spec R34 */
  #showFailure(source: TrackSource): void {
    this.#emitter.emit('e2eeStateChanged', {
      participant: this.#self,
      source,
      kind: mediumOf(source),
      state: 'InternalError',
      reason: 'worker-failed',
    })
  }

  #report(error: unknown): void {
    this.#emitter.emit('problem', problemFrom(error, 'ERR_CLIENT_MEDIA'))
  }
}

const sourceOfPeer = (
  peer: string,
  label: string,
): { readonly participant: ParticipantId; readonly source: TrackSource } | undefined => {
  const participant = parseParticipantId(peer)
  return participant !== undefined && isTrackSource(label)
    ? { participant, source: label }
    : undefined
}

const SHOWN_CONNECTION: Readonly<Record<string, PeerConnection>> = {
  new: 'connecting',
  connecting: 'connecting',
  connected: 'connected',
}
