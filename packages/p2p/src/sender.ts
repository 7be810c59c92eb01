/**
 * One broadcaster: every receiver in the room gets its stream.
 *
 * @module
 */
import type { Problem } from '@conclave/base'
import type { ChannelEvents } from './channels/channel-events.ts'
import { encodingLimits } from './connection/encodings.ts'
import { CALL_LABELS, LocalTracks } from './connection/local-tracks.ts'
import { SendingLink } from './connection/sending-link.ts'
import type { AttachData } from './connection/peer-context.ts'
import { P2pError } from './errors.ts'
import type { AnyP2pError } from './errors.ts'
import type { PeerOptions, Protection } from './peer-options.ts'
import { PeerExpiry } from './recovery/peer-expiry.ts'
import { SignalSession, connectionByPeer } from './signal-session.ts'
import type { SignalDropCounts, SignalDropReason } from './signalling/drop-reason.ts'
import { MAX_METADATA_LENGTH } from './signalling/messages.ts'
import type { SignalMessage } from './signalling/messages.ts'
import { namespaceOf } from './signalling/namespace.ts'
import type { Namespace } from './signalling/namespace.ts'
import { TypedEventTarget } from './typed-event-target.ts'

/** Options of {@link Sender.start}. */
export interface SenderStartOptions {
  readonly room: string
  /** Its first audio track is sent as `microphone`, its first video track as `camera`. You must stop it yourself. */
  readonly stream?: MediaStream
  /** Told to each receiver, sealed; any value that JSON carries in 4096 characters. */
  readonly metadata?: unknown
}

/** Events of a {@link Sender}; `id` is the receiver's. */
export interface SenderEvents extends ChannelEvents {
  /** A receiver is connected. */
  readonly connect: { readonly id: string }
  /** A receiver is gone. */
  readonly dispose: { readonly id: string }
  /** An operation failed; it is tried again where that can help. */
  readonly error: { readonly error: AnyP2pError }
  /** A message was dropped. */
  readonly dropped: { readonly reason: SignalDropReason }
  /** Nothing is encrypted: raised at each start by the class of `@conclave/p2p/plain`, and by no other. spec S82 */
  readonly problem: { readonly problem: Problem<'ERR_P2P_NOT_ENCRYPTED'> }
}

/**
 * Sends a stream to all receivers of a room. It accepts every receiver that the driver authenticates: the holders of
 * the room's keys are its members.
 */
export class Sender extends TypedEventTarget<SenderEvents> {
  readonly #session: SignalSession
  readonly #tracks = new LocalTracks()
  readonly #linkByPeer = new Map<string, SendingLink>()
  readonly #expiry: PeerExpiry
  /** JSON for each receiver. */
  #metadata: string | undefined

  /** @throws TypeError for a driver that does not seal, or that sends under another id, and for wrong `iceServers`. */
  constructor(options: PeerOptions) {
    super()
    this.#session = new SignalSession(options, {
      delivered: (message, namespace) => this.#deliver(message, namespace),
      dropped: (reason) => this.raise('dropped', { reason }),
      failed: (error) => this.raise('error', { error }),
      lost: (direction) => {
        if (direction === 'send') for (const peer of this.#linkByPeer.keys()) this.#remove(peer)
      },
      revived: (cause) => this.#revive(cause),
    })
    this.#expiry = new PeerExpiry(this.#session.environment.clock, (peer) => this.#giveUp(peer))
  }

  /** How media and signalling are protected. spec S82 */
  get protection(): Protection {
    return 'end-to-end'
  }

  /** The own id; empty before the start where the driver has none yet. */
  get id(): string {
    return this.#session.id
  }

  /** Whether it was started and not stopped. */
  get active(): boolean {
    return this.#session.room !== undefined
  }

  /** The connections with receivers, for statistics. You must not change them. */
  get connections(): ReadonlyMap<string, RTCPeerConnection> {
    return connectionByPeer(this.#linkByPeer)
  }

  /** How many messages were dropped for each reason. */
  get drops(): SignalDropCounts {
    return this.#session.drops
  }

  /**
   * Starts to send. Resolves when receivers can find it; rejects with the driver's error if they cannot.
   *
   * @throws TypeError if it runs already, for metadata that is too long, and for `channels`, which are another entry's.
   */
  async start(options: SenderStartOptions): Promise<void> {
    const { room, stream, metadata } = options
    if ('channels' in options) {
      throw new TypeError('"channels" expected the Sender of @conclave/p2p/channels')
    }
    if (this.active) throw new TypeError('"start" expected a sender that is stopped')
    const text = JSON.stringify(metadata) as string | undefined
    if (text !== undefined && text.length > MAX_METADATA_LENGTH) {
      throw new TypeError(
        `"metadata" expected at most ${MAX_METADATA_LENGTH} characters of JSON, got ${text.length}`,
      )
    }
    this.#metadata = text
    if (!this.hasChannels) this.#tracks.declare(CALL_LABELS)
    this.#tracks.set('microphone', 'audio', stream?.getAudioTracks()[0] ?? null)
    this.#tracks.set('camera', 'video', stream?.getVideoTracks()[0] ?? null)
    try {
      await this.#session.open(room, this.#namespaces(room))
    } catch (error) {
      await this.stop()
      throw error
    }
    if (this.#tracks.list().length > 0) this.#session.startFrames()
    this.#announce()
  }

  /** Sends a track, another one, or none, under a label; as `Mesh.setTrack`. */
  setTrack(label: string, kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    if (!this.#tracks.set(label, kind, track)) return
    for (const link of this.#linkByPeer.values()) link.updateTracks()
  }

  /** Re-sends pending signalling and restarts broken connections. Call it after the driver reconnects. */
  resync(): void {
    this.#session.resync()
  }

  /** Ends all connections and tells the receivers. It can be started again. */
  async stop(): Promise<void> {
    for (const peer of this.#linkByPeer.keys()) this.#remove(peer)
    await this.#session.close()
  }

  /** A driver may have its id only when it listens. spec S75 */
  *#namespaces(room: string): Generator<Namespace> {
    yield namespaceOf('sender', room)
    yield namespaceOf('sender', room, this.id)
  }

  /** Whether a label has a section only from its first track on; for subclasses. spec S28 */
  protected get hasChannels(): boolean {
    return false
  }

  /** Makes the data of connections with a peer; for subclasses. spec S99 */
  protected dataWith(_peer: string): AttachData | undefined {
    return undefined
  }

  #deliver(message: SignalMessage, namespace: Namespace): void {
    const { id } = message
    const link = this.#linkByPeer.get(id)
    if (message.type === 'invoke' && message.connection === undefined) {
      const { next } = message
      if (link === undefined && next !== undefined) {
        return this.#add({ type: 'invoke', id, connection: next })
      }
      // No state is kept for the question: its answer makes the receiver ask this peer.
      if (link?.connection?.connectionState !== 'connected') this.#announce(id)
      return
    }
    if (namespace.length < 3) return this.#session.drop('unexpected')
    if (link !== undefined) return link.receive(message)
    if (message.type === 'invoke') return this.#add(message)
    if (message.type === 'sync' && message.connection !== undefined) {
      this.#session.send('receiver', { type: 'dispose', connection: message.connection }, id)
    }
    this.#session.drop('unknown-peer')
  }

  #add(invoke: SignalMessage): void {
    const peer = invoke.id
    if (!this.#session.mayAdd('send', this.#linkByPeer.size)) return
    const link = new SendingLink({
      environment: this.#session.environment,
      peer,
      tracks: this.#tracks,
      limits: ({ label, kind }) => encodingLimits(label, kind, this.#linkByPeer.size),
      metadata: this.#metadata,
      send: (message) => this.#session.send('receiver', message, peer),
      stateChanged: (state) => this.#stateChanged(peer, state),
      unreachable: () => this.#giveUp(peer),
      disposed: () => this.#remove(peer),
      attachData: this.dataWith(peer),
    })
    this.#linkByPeer.set(peer, link)
    this.#expiry.start(peer)
    for (const other of this.#linkByPeer.values()) other.updateLimits()
    link.receive(invoke)
  }

  #giveUp(peer: string): void {
    const error = new P2pError('ERR_P2P_UNREACHABLE', { peer, direction: 'send' })
    this.raise('error', { error })
    this.#remove(peer)
  }

  #remove(peer: string): void {
    const link = this.#linkByPeer.get(peer)
    if (link === undefined) return
    this.#linkByPeer.delete(peer)
    this.#expiry.stop(peer)
    link.close()
    this.raise('dispose', { id: peer })
  }

  #stateChanged(peer: string, state: RTCPeerConnectionState): void {
    if (!this.#linkByPeer.has(peer)) return
    if (state !== 'connected') return this.#expiry.start(peer)
    this.#expiry.stop(peer)
    this.raise('connect', { id: peer })
  }

  #revive(cause: 'network' | 'signalling'): void {
    if (cause === 'signalling') this.#announce()
    for (const link of this.#linkByPeer.values()) link.revive(cause)
  }

  /** Tells one receiver, or all, that this side sends here. spec S36 */
  #announce(peer?: string): void {
    this.#session.send('receiver', { type: 'sync', negotiation: 0, restart: false }, peer)
  }
}
