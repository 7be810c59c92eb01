/**
 * Media over a mesh: a connection to each participant, whose frames are encrypted in a worker.
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import type { FrameCrypto, MediaStats } from '@conclave/media'
import { type Mesh, P2pError, type SendDataOptions, type Wish } from '@conclave/p2p'
import { type ParticipantId, parseParticipantId } from '@conclave/wire'
import { problemFrom, problemOf } from '../problem.ts'
import { type StreamSource, type TrackSource, isTrackSource, mediumOf } from '../track-source.ts'
import {
  type MediaContext,
  type MediaProtection,
  type MediaTransport,
  type MediaTransportEvents,
  type PeerConnection,
  WORKING,
} from './media-transport.ts'
import { type MeshTransportOptions, ProtectedMesh } from './protected-mesh.ts'
import { Restarts } from './restarts.ts'

/**
 * Mesh and frame encryption together: nothing leaves the mesh that the encryption did not seal. After a failure of the worker
 * both are made again. spec R18, R111
 */
export class MeshTransport implements MediaTransport {
  readonly isDirect = true
  readonly verifiesSignatures = true
  readonly #context: MediaContext
  readonly #options: MeshTransportOptions
  readonly #emitter = new Emitter<MediaTransportEvents>()
  readonly #restarts = new Restarts()
  /** With what is wanted of their videos. */
  readonly #participants = new Map<ParticipantId, Map<StreamSource, Wish>>()
  /** Participants for whom there was no place in the mesh. spec R37 */
  readonly #waiting = new Set<ParticipantId>()
  readonly #trackBySource = new Map<TrackSource, MediaStreamTrack | null>()
  #media: Media
  #hasWorked = false
  #protection: MediaProtection = WORKING

  get [Symbol.toStringTag](): string {
    return 'MeshTransport'
  }

  get ready(): Promise<void> {
    return this.#media.made.frames.ready
  }

  /** @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` @throws MediaError `ERR_MEDIA_UNSUPPORTED` */
  constructor(context: MediaContext, options: MeshTransportOptions = {}) {
    this.#context = context
    this.#options = options
    this.#media = this.#make()
  }

  on<T extends keyof MediaTransportEvents>(
    type: T,
    handler: (event: MediaTransportEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  addParticipant(participant: ParticipantId): void {
    this.#participants.set(participant, new Map())
    this.#connect(participant)
  }

  removeParticipant(participant: ParticipantId): void {
    this.#participants.delete(participant)
    if (this.#waiting.delete(participant)) return
    this.#mesh?.removePeer(participant)
    const [next] = this.#waiting
    if (next !== undefined && this.#waiting.delete(next)) this.#connect(next)
  }

  setTrack(source: TrackSource, track: MediaStreamTrack | null): void {
    this.#mesh?.setTrack(source, mediumOf(source), track)
    this.#trackBySource.set(source, track)
    if (this.#mesh === undefined) this.#showFailure(source)
  }

  watch(participant: ParticipantId, source: StreamSource, wish: Wish): void {
    this.#participants.get(participant)?.set(source, wish)
    if (this.#mesh?.peers.includes(participant)) this.#mesh.watch(participant, source, wish)
  }

  isWatched(source: StreamSource): boolean {
    return this.#mesh?.isWatched(source) ?? true
  }

  canSendData(participant: ParticipantId): boolean {
    return this.#mesh?.canSendData(participant) === true
  }

  async sendData(
    participant: ParticipantId,
    channel: string,
    bytes: Uint8Array,
    options?: SendDataOptions,
  ): Promise<void> {
    const mesh = this.#mesh
    if (mesh === undefined) throw new P2pError('ERR_P2P_DATA_CLOSED', { peer: participant })
    await mesh.sendData(participant, channel, bytes, options)
  }

  resync(participant?: ParticipantId): void {
    this.#mesh?.resync(participant)
  }

  /** Rejects with `ERR_MEDIA_CLOSED` while there is no encryption. */
  stats(): Promise<MediaStats> {
    return this.#media.made.frames.stats()
  }

  async close(): Promise<void> {
    this.#context.clock.clearTimeout(this.#media.timer)
    this.#emitter.clear()
    await this.#media.made.close()
  }

  get #mesh(): Mesh | undefined {
    return this.#media.isRunning ? this.#media.made.mesh : undefined
  }

  /** Makes encryption and mesh. They report only as long as no others have taken their place. */
  #make(): Media {
    const made = new ProtectedMesh(this.#context, this.#options)
    const media: Media = { made, isRunning: true, timer: undefined }
    this.#hearMesh(made.mesh)
    this.#hearFrames(made.frames)
    made.frames.on('failed', ({ error }) => {
      if (media === this.#media) this.#fail(error)
    })
    return media
  }

  #connect(participant: ParticipantId): void {
    try {
      this.#mesh?.addPeer(participant)
      for (const [source, wish] of this.#participants.get(participant) ?? []) {
        this.#mesh?.watch(participant, source, wish)
      }
    } catch (error) {
      this.#waiting.add(participant)
      this.#report(error)
    }
  }

  /** The worker failed: its connections are closed already, and everything that it protected is stopped. spec M30 */
  #fail(error: unknown): void {
    const { clock } = this.#context
    const { send, receive } = this.#protection
    this.#media.isRunning = false
    void this.#media.made.close()
    for (const source of this.#trackBySource.keys()) this.#showFailure(source)
    // A worker that never ran has a fault that its next start has too; and an engine that lost a transform may do it again.
    const canRestart = this.#hasWorked && send !== 'stopped' && receive !== 'stopped'
    const pauseMs = canRestart ? this.#restarts.next(clock.now()) : undefined
    const next = pauseMs === undefined ? 'stopped' : 'restarting'
    this.#protect({ send: next, receive: next })
    this.#emitter.emit('failed', problemFrom(error, 'ERR_CLIENT_MEDIA'))
    this.#report(error)
    if (pauseMs === undefined) return
    this.#media.timer = clock.setTimeout(() => this.#restart(), pauseMs)
  }

  /** A new worker with new keys, and a new connection with everybody. spec R111 */
  #restart(): void {
    try {
      this.#media = this.#make()
    } catch (error) {
      return this.#fail(error)
    }
    this.#emitter.emit('restarted', {})
    this.#waiting.clear()
    for (const [source, track] of this.#trackBySource) this.setTrack(source, track)
    for (const participant of this.#participants.keys()) this.#connect(participant)
  }

  /** The worker runs. Without a key it does so too, and that is another problem. */
  #works(frames: FrameCrypto): void {
    if (frames !== this.#media.made.frames || !this.#media.isRunning) return
    this.#hasWorked = true
    this.#restarts.worked(this.#context.clock.now())
    if (this.#protection.send === 'restarting') this.#protect(WORKING)
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
    mesh.on('data', ({ peer, ...message }) => {
      const participant = parseParticipantId(peer)
      if (participant !== undefined) this.#emitter.emit('data', { participant, ...message })
    })
    for (const [type, told] of DATA_EVENTS) {
      mesh.on(type, ({ peer }) => {
        const participant = parseParticipantId(peer)
        if (participant !== undefined) this.#emitter.emit(told, { participant })
      })
    }
    mesh.on('dropped', ({ reason }) => this.#emitter.emit('dropped', { reason, count: 1 }))
    mesh.on('error', ({ error }) => {
      this.#report(error)
      if (error.code !== 'ERR_P2P_UNSUPPORTED_CODEC') return
      const { peer, label, direction } = error.details
      const named = sourceOfPeer(peer, label)
      if (named === undefined || direction === 'send') return
      const kind = mediumOf(named.source)
      const state = { state: 'DecryptionFailed', reason: 'unsupported-codec' } as const
      this.#emitter.emit('e2eeStateChanged', { ...named, kind, ...state })
    })
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
    const works = (): void => this.#works(frames)
    frames.ready.then(works, works)
    frames.on('state', ({ participant, label, kind, state, reason }) => {
      const named = sourceOfPeer(participant, label)
      if (named === undefined) return
      // All own sources fail at once, sent or not, with the event `failed`.
      if (reason === 'worker-failed' && named.participant === this.#context.self) return
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
      participant: this.#context.self,
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

/** The encryption and the mesh of a session, and the timer that makes the next ones. */
interface Media {
  readonly made: ProtectedMesh
  isRunning: boolean
  timer: unknown
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

const DATA_EVENTS = [
  ['dataOpen', 'dataOpened'],
  ['dataClose', 'dataClosed'],
] as const

const SHOWN_CONNECTION: Readonly<Record<string, PeerConnection>> = {
  new: 'connecting',
  connecting: 'connecting',
  connected: 'connected',
}
