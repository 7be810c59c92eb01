/**
 * Media over a mesh: a connection to each participant, whose frames are encrypted in a worker.
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import type { FrameCrypto, MediaStats } from '@conclave/media'
import type { Mesh } from '@conclave/p2p'
import { type ParticipantId, parseParticipantId } from '@conclave/wire'
import { problemFrom, problemOf } from '../problem.ts'
import { type TrackSource, isTrackSource, mediumOf } from '../track-source.ts'
import {
  type MediaContext,
  type MediaProtection,
  type MediaTransport,
  type MediaTransportEvents,
  type PeerConnection,
  WORKING,
} from './media-transport.ts'
import { type MeshTransportOptions, ProtectedMesh } from './protected-mesh.ts'

/** Mesh and frame encryption together: nothing leaves the mesh that the encryption did not seal. spec R18 */
export class MeshTransport implements MediaTransport {
  readonly isDirect = true
  readonly #emitter = new Emitter<MediaTransportEvents>()
  readonly #current: ProtectedMesh
  readonly #self: ParticipantId
  /** Participants for whom there was no place in the mesh. spec R37 */
  readonly #waiting = new Set<ParticipantId>()
  readonly #sources = new Set<TrackSource>()
  #failed = false
  #protection: MediaProtection = WORKING

  get [Symbol.toStringTag](): string {
    return 'MeshTransport'
  }

  /** @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` @throws MediaError `ERR_MEDIA_UNSUPPORTED`, `ERR_MEDIA_WORKER_START` */
  constructor(context: MediaContext, options: MeshTransportOptions = {}) {
    this.#self = context.self
    this.#current = new ProtectedMesh(context, options)
    this.#listen(this.#current)
  }

  on<T extends keyof MediaTransportEvents>(
    type: T,
    handler: (event: MediaTransportEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  addParticipant(participant: ParticipantId): void {
    try {
      this.#current.mesh.addPeer(participant)
    } catch (error) {
      this.#waiting.add(participant)
      this.#report(error)
    }
  }

  removeParticipant(participant: ParticipantId): void {
    if (this.#waiting.delete(participant)) return
    this.#current.mesh.removePeer(participant)
    const [next] = this.#waiting
    if (next !== undefined && this.#waiting.delete(next)) this.addParticipant(next)
  }

  setTrack(source: TrackSource, track: MediaStreamTrack | null): void {
    this.#current.mesh.setTrack(source, mediumOf(source), track)
    this.#sources.add(source)
    if (this.#failed) this.#showFailure(source)
  }

  resync(): void {
    this.#current.mesh.resync()
  }

  stats(): Promise<MediaStats> {
    return this.#current.frames.stats()
  }

  async close(): Promise<void> {
    await this.#current.close()
    this.#emitter.clear()
  }

  #listen({ mesh, frames }: ProtectedMesh): void {
    this.#hearMesh(mesh)
    this.#hearFrames(frames)
  }

  #hearMesh(mesh: Mesh): void {
    mesh.on('track', ({ peer, label, track }) => {
      const named = sourceOfPeer(peer, label)
      if (named !== undefined) this.#emitter.emit('trackAdded', { ...named, track })
    })
    mesh.on('trackEnded', ({ peer, label }) => {
      const named = sourceOfPeer(peer, label)
      if (named !== undefined) this.#emitter.emit('trackRemoved', named)
    })
    mesh.on('connection', ({ peer, direction, state }) => {
      const participant = parseParticipantId(peer)
      if (participant === undefined || direction !== 'receive') return
      const connection = SHOWN_CONNECTION[state] ?? 'interrupted'
      this.#emitter.emit('connectionChanged', { participant, connection })
    })
    mesh.on('dropped', ({ reason }) => this.#emitter.emit('dropped', { reason, count: 1 }))
    mesh.on('error', ({ error }) => this.#report(error))
  }

  #hearFrames(frames: FrameCrypto): void {
    frames.on('error', ({ error }) => this.#report(error))
    frames.on('cleartext-risk', ({ side, participant, label }) => {
      const direction = side === 'seal' ? 'send' : 'receive'
      const named = sourceOfPeer(participant, label)
      // One for each track comes; the direction is lost with the first.
      if (named === undefined || this.#protection[direction] === 'stopped') return
      this.#protect({ ...this.#protection, [direction]: 'stopped' })
      this.#emitter.emit('cleartextRisk', { direction, ...named })
      this.#emitter.emit('problem', problemOf('ERR_CLIENT_CLEARTEXT_RISK'))
    })
    frames.on('failed', ({ error }) => {
      this.#failed = true
      for (const source of this.#sources) this.#showFailure(source)
      this.#protect({ send: 'stopped', receive: 'stopped' })
      this.#emitter.emit('failed', problemFrom(error, 'ERR_CLIENT_MEDIA'))
      this.#report(error)
    })
    frames.on('state', ({ participant, label, kind, state, reason }) => {
      const named = sourceOfPeer(participant, label)
      if (named === undefined) return
      // All own sources fail at once, sent or not, with the event `failed`.
      if (reason === 'worker-failed' && named.participant === this.#self) return
      this.#emitter.emit('e2eeStateChanged', { ...named, kind, state, reason })
    })
  }

  #protect(protection: MediaProtection): void {
    this.#protection = Object.freeze(protection)
    this.#emitter.emit('protectionChanged', { protection })
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
