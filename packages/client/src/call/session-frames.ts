/**
 * The frame encryption of whatever session there is now, for peers that an application makes itself.
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import { FrameCrypto } from '@conclave/media'
import type { MediaStats } from '@conclave/media'
import type {
  FrameProtector,
  MediaDirection,
  ProtectedConnection,
  ProtectedTrack,
} from '@conclave/p2p'
import { ClientError } from '../errors.ts'
import { FrameCount } from '../keys/frame-count.ts'
import type { MeshTransportOptions } from './protected-mesh.ts'
import type { SideMedia } from './media-transport.ts'

/** Options of the frame encryption. */
export type SessionFramesOptions = Pick<MeshTransportOptions, 'createWorker' | 'videoCodecs'>

/**
 * Seals and opens frames under the keys of a session, in a worker that starts with the first peer. The session learns from when
 * on media is sent, so that its keys are given to those who are here and closed to those who left. spec R168
 */
export class SessionFrames implements FrameProtector {
  readonly connectionConfig = { encodedInsertableStreams: true } as const
  readonly #options: SessionFramesOptions
  readonly #losses = new Emitter<{ readonly lost: { readonly direction: MediaDirection } }>()
  readonly #sending = new Set<RTCPeerConnection>()
  #session: SideMedia | undefined
  #made: FrameCrypto | undefined
  #count: FrameCount | undefined

  get [Symbol.toStringTag](): string {
    return 'SessionFrames'
  }

  constructor(options: SessionFramesOptions = {}) {
    this.#options = options
  }

  /** Protects for this session from now on. */
  attach(session: SideMedia): void {
    this.#session = session
  }

  /** Ends the worker of a session. Nothing is protected until another one is attached. */
  async detach(session: SideMedia): Promise<void> {
    if (this.#session !== session) return
    this.#session = undefined
    const frames = this.#made
    this.#made = undefined
    this.#count?.watch(false)
    if (this.#sending.size > 0) void session.sends(false)
    this.#sending.clear()
    await frames?.close()
  }

  start(): void {
    try {
      this.#made ??= this.#make()
    } catch {
      // The first connection says so.
    }
  }

  /** The codecs that can be protected. @throws MediaError `ERR_MEDIA_UNSUPPORTED`; ClientError `ERR_CLIENT_CLOSED` */
  get codecs(): FrameProtector['codecs'] {
    return this.#frames.codecs
  }

  async protectSender(
    sender: RTCRtpSender,
    track: ProtectedTrack,
    connection: ProtectedConnection,
  ): Promise<void> {
    // The transform is set in this step, before anything is waited for.
    const isProtected = this.#frames.protectSender(sender, track, connection)
    await Promise.all([isProtected, this.#sends(connection.connection)])
  }

  async protectReceiver(
    receiver: RTCRtpReceiver,
    track: ProtectedTrack,
    connection: ProtectedConnection,
  ): Promise<void> {
    await this.#frames.protectReceiver(receiver, track, connection)
  }

  async describe(): Promise<string> {
    return this.#frames.describe()
  }

  async prepare(peer: string, description: string): Promise<void> {
    await this.#frames.prepare(peer, description)
  }

  release(connection: RTCPeerConnection): void {
    this.#made?.release(connection)
    if (!this.#sending.delete(connection) || this.#sending.size > 0) return
    this.#count?.watch(false)
    void this.#session?.sends(false)
  }

  /** Counters of the frame encryption; rejects with `ERR_CLIENT_CLOSED` while no frame is protected. */
  async stats(): Promise<MediaStats> {
    if (this.#made === undefined) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    return this.#made.stats()
  }

  onLost(lost: (direction: MediaDirection) => void): () => void {
    return this.#losses.on('lost', ({ direction }) => lost(direction))
  }

  get #frames(): FrameCrypto {
    this.#made ??= this.#make()
    return this.#made
  }

  async #sends(connection: RTCPeerConnection): Promise<void> {
    this.#sending.add(connection)
    this.#count?.watch(true)
    await this.#session?.sends(true)
  }

  #make(): FrameCrypto {
    const session = this.#session
    if (session === undefined) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    const { room, self, keys, clock } = session
    const { createWorker, videoCodecs } = this.#options
    const frames = new FrameCrypto({
      ...{ keys, room, self, clock, videoCodecs },
      ...(createWorker && { createWorker }),
    })
    this.#count = new FrameCount({
      clock,
      total: async () => (await frames.stats()).sealed,
      counted: (count) => session.sealed(count),
    })
    frames.onLost((direction) => {
      // The end of a session is no loss of the next one.
      if (frames === this.#made) this.#losses.emit('lost', { direction })
    })
    frames.on('error', ({ error }) => session.report(error))
    frames.on('failed', ({ error }) => session.report(error))
    frames.on('cleartext-risk', () =>
      session.report(new ClientError('ERR_CLIENT_CLEARTEXT_RISK', undefined)),
    )
    frames.on('state', ({ participant, state }) => {
      if (participant === self && state === 'EncryptionSuccess') session.sealed(0)
    })
    return frames
  }
}
