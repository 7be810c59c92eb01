/**
 * One broadcaster: whoever receives in the room gets its stream.
 *
 * @module
 */
import type { Namespace } from './signalling/driver.ts'
import { countDrop } from './drops.ts'
import type { DropCounts, DropReason } from './drops.ts'
import { encodingLimits } from './connection/encodings.ts'
import type { AnyP2pError } from './errors.ts'
import { LocalTracks } from './connection/local-tracks.ts'
import { MAX_METADATA_LENGTH } from './signalling/messages.ts'
import type { SignalMessage } from './signalling/messages.ts'
import { watchNetwork } from './recovery/network-watch.ts'
import type { PeerEnvironment } from './connection/peer-context.ts'
import {
  CONNECTION_TIMEOUT_MS,
  MAX_PEERS,
  checkPeerOptions,
  createEnvironment,
} from './peer-options.ts'
import type { PeerOptions } from './peer-options.ts'
import { SendingLink, receiverNamespace } from './connection/sending-link.ts'
import { SignalPort } from './signalling/signal-port.ts'
import { TypedEventTarget } from './typed-event-target.ts'

/** What {@link Sender.start} is given. */
export interface SenderStartOptions {
  readonly room: string
  /** Its first sound is sent as `microphone`, its first picture as `camera`. The caller keeps and stops it. */
  readonly stream?: MediaStream
  /** Told to each receiver, sealed; anything that JSON carries in 4096 characters. */
  readonly metadata?: unknown
}

/** Events of a {@link Sender}; `id` is the receiver's. */
export interface SenderEvents {
  /** A receiver is connected. */
  readonly connect: { readonly id: string }
  /** A receiver is gone. */
  readonly dispose: { readonly id: string }
  /** Something failed; what can be tried again is tried again. */
  readonly error: { readonly error: AnyP2pError }
  /** A message changed nothing. */
  readonly dropped: { readonly reason: DropReason }
}

/**
 * Sends a stream to all receivers of a room. It accepts every receiver that the driver authenticates: who may
 * be in the room is decided by who has its keys.
 */
export class Sender extends TypedEventTarget<SenderEvents> {
  readonly #options: PeerOptions
  readonly #environment: PeerEnvironment
  readonly #tracks = new LocalTracks()
  readonly #linkByPeer = new Map<string, SendingLink>()
  readonly #timerByPeer = new Map<string, unknown>()
  readonly #dropCounts = new Map<DropReason, number>()
  #running: Running | undefined

  /** @throws TypeError for a driver that does not seal, or that sends under another id. */
  constructor(options: PeerOptions) {
    super()
    checkPeerOptions(options)
    this.#options = options
    this.#environment = createEnvironment(options, {
      dropped: (reason) => this.#drop(reason),
      failed: (error) => this.raise('error', { error }),
    })
  }

  /** The own id. */
  get id(): string {
    return this.#environment.self
  }

  /** Whether it was started and not stopped. */
  get active(): boolean {
    return this.#running !== undefined
  }

  /** The connections with receivers, for statistics. You must not change them. */
  get connections(): ReadonlyMap<string, RTCPeerConnection> {
    const connections = new Map<string, RTCPeerConnection>()
    for (const [peer, { connection }] of this.#linkByPeer) {
      if (connection !== undefined) connections.set(peer, connection)
    }
    return connections
  }

  /** How many messages changed nothing, by reason. */
  get drops(): DropCounts {
    return this.#dropCounts
  }

  /**
   * Begins to send. Resolves when receivers can find it; rejects with what the driver says if they cannot.
   *
   * @throws TypeError if it runs already, or for metadata that is too long.
   */
  async start({ room, stream, metadata }: SenderStartOptions): Promise<void> {
    if (this.#running !== undefined)
      throw new TypeError('"start" expected a sender that is stopped')
    const text = metadata === undefined ? undefined : JSON.stringify(metadata)
    if (text !== undefined && text.length > MAX_METADATA_LENGTH) {
      throw new TypeError(`"metadata" expected at most ${MAX_METADATA_LENGTH} characters of JSON`)
    }
    this.#tracks.set('microphone', 'audio', stream?.getAudioTracks()[0] ?? null)
    this.#tracks.set('camera', 'video', stream?.getVideoTracks()[0] ?? null)
    const namespaces: Namespace[] = [
      ['sender', room],
      ['sender', room, this.id],
    ]
    const port = new SignalPort(this.#options.driver, namespaces, {
      delivered: (message, namespace) => this.#deliver(message, namespace),
      dropped: (reason) => this.#drop(reason),
      failed: (error) => this.raise('error', { error }),
    })
    const unwatch = watchNetwork(() => this.#revive('network'))
    this.#running = { room, port, metadata: text, unwatch }
    try {
      await port.ready
    } catch (error) {
      await this.stop()
      throw error
    }
    this.#announce(['receiver', room], '')
  }

  /** Sends a track, another one, or none, under a label; as `Mesh.setTrack`. */
  setTrack(label: string, kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    if (!this.#tracks.set(label, kind, track)) return
    for (const link of this.#linkByPeer.values()) link.updateTracks()
  }

  /** Says again what is open, and repairs what is broken: call it when the driver came back. */
  resync(): void {
    this.#revive('signalling')
  }

  /** Ends all connections and says so. It can be started again. */
  async stop(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    for (const peer of [...this.#linkByPeer.keys()]) this.#remove(peer)
    this.#running = undefined
    running.unwatch()
    await running.port.close()
  }

  #deliver(message: SignalMessage, namespace: Namespace): void {
    const { id } = message
    const link = this.#linkByPeer.get(id)
    if (message.type === 'invoke' && message.connection === undefined) {
      // Somebody asks who is here. Nothing is kept for the question: the answer makes it ask this one.
      if (link?.connection?.connectionState !== 'connected') this.#announceTo(id)
      return
    }
    if (namespace.length < 3) return this.#drop('unexpected')
    if (link !== undefined) return link.take(message)
    if (message.type === 'invoke') return this.#add(message)
    if (message.type === 'sync' && message.connection !== undefined) {
      this.#send(id, { type: 'dispose', id: this.id, connection: message.connection })
    }
    this.#drop('unknown-peer')
  }

  #add(invoke: SignalMessage): void {
    const running = this.#running
    if (running === undefined) return
    const peer = invoke.id
    if (this.#linkByPeer.size >= (this.#options.maxPeers ?? MAX_PEERS)) {
      return this.#drop('too-many-peers')
    }
    const link = new SendingLink({
      environment: this.#environment,
      peer,
      tracks: this.#tracks,
      limits: ({ label, kind }) => encodingLimits(label, kind, this.#linkByPeer.size),
      metadata: running.metadata,
      send: (message) => this.#send(peer, message),
      stateChanged: (state) => this.#stateChanged(peer, state),
      disposed: () => this.#remove(peer),
    })
    this.#linkByPeer.set(peer, link)
    this.#expire(peer)
    for (const other of this.#linkByPeer.values()) other.updateLimits()
    link.take(invoke)
  }

  #remove(peer: string): void {
    const link = this.#linkByPeer.get(peer)
    if (link === undefined) return
    this.#linkByPeer.delete(peer)
    this.#keep(peer)
    link.close()
    this.raise('dispose', { id: peer })
  }

  #stateChanged(peer: string, state: RTCPeerConnectionState): void {
    if (!this.#linkByPeer.has(peer)) return
    if (state !== 'connected') return this.#expire(peer)
    this.#keep(peer)
    this.raise('connect', { id: peer })
  }

  /** Lets a receiver count as gone after a while without a connection: nobody else says so. */
  #expire(peer: string): void {
    if (this.#timerByPeer.has(peer)) return
    const timer = this.#environment.clock.setTimeout(
      () => this.#remove(peer),
      CONNECTION_TIMEOUT_MS,
    )
    this.#timerByPeer.set(peer, timer)
  }

  #keep(peer: string): void {
    this.#environment.clock.clearTimeout(this.#timerByPeer.get(peer))
    this.#timerByPeer.delete(peer)
  }

  #revive(type: 'network' | 'signalling'): void {
    const room = this.#running?.room
    if (room !== undefined && type === 'signalling') this.#announce(['receiver', room], '')
    for (const link of this.#linkByPeer.values()) link.revive(type)
  }

  #announceTo(peer: string): void {
    const room = this.#running?.room
    if (room !== undefined) this.#announce(receiverNamespace(room, peer), peer)
  }

  #announce(namespace: Namespace, peer: string): void {
    const message = { type: 'sync', id: this.id, negotiation: 0, restart: false } as const
    this.#running?.port.send(namespace, message, peer)
  }

  #send(peer: string, message: SignalMessage): void {
    const running = this.#running
    running?.port.send(receiverNamespace(running.room, peer), message, peer)
  }

  #drop(reason: DropReason): void {
    countDrop(this.#dropCounts, reason)
    this.raise('dropped', { reason })
  }
}

interface Running {
  readonly room: string
  readonly port: SignalPort
  readonly metadata: string | undefined
  readonly unwatch: () => void
}
