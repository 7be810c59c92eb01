/**
 * Many-to-many: each peer of a roster sends to and receives from each other one.
 *
 * @module
 */
import { encodingLimits } from './connection/encodings.ts'
import { LocalTracks } from './connection/local-tracks.ts'
import type { RemoteTrack } from './connection/receiver-sections.ts'
import { ReceivingLink } from './connection/receiving-link.ts'
import { SendingLink } from './connection/sending-link.ts'
import { NO_FRAMES, NO_TRACKS } from './data/no-frames.ts'
import { PeerData, checkDataMessage } from './data/peer-data.ts'
import { P2pError } from './errors.ts'
import type { AnyP2pError } from './errors.ts'
import type { PeerOptions } from './peer-options.ts'
import type { DataProtector } from './protectors.ts'
import { SignalSession } from './signal-session.ts'
import type { SignalDropCounts, SignalDropReason } from './signalling/drop-reason.ts'
import { isId } from './signalling/messages.ts'
import type { SignalMessage } from './signalling/messages.ts'
import { receiverNamespace, senderNamespace } from './signalling/namespace.ts'
import type { Namespace } from './signalling/namespace.ts'
import { TypedEventTarget } from './typed-event-target.ts'

/** Options of a {@link Mesh}. */
export interface MeshOptions extends PeerOptions {
  /** The own id; the driver must send under it. */
  readonly id: string
  /** The room: part of every namespace. */
  readonly room: string
  /** `false` for data only: no media is sent or received, and no frame protector is needed. spec S95 */
  readonly media?: boolean
}

/** How {@link Mesh.sendData} sends. */
export interface SendDataOptions {
  /** `false` for messages that are worth nothing when they are late: any of them may be lost, or come in another order. */
  readonly reliable?: boolean
}

/** Events of a {@link Mesh}. */
export interface MeshEvents {
  /** A peer's track began; its frames are shown only once they authenticate. */
  readonly track: { readonly peer: string } & RemoteTrack
  /** The track was removed. */
  readonly trackEnded: { readonly peer: string } & RemoteTrack
  /** One of the two connections with a peer changed its state. */
  readonly connection: {
    readonly peer: string
    readonly direction: 'send' | 'receive'
    readonly state: RTCPeerConnectionState
  }
  /** A peer sent bytes in a channel, of the kind that it says. */
  readonly data: {
    readonly peer: string
    readonly channel: string
    readonly reliable: boolean
    readonly bytes: Uint8Array<ArrayBuffer>
  }
  /** Data can be sent to the peer. Comes again after each `dataClose`: repeat then what the peer did not confirm. spec S93 */
  readonly dataOpen: { readonly peer: string }
  /** No data can be sent to the peer until the next `dataOpen`; what was sent last may have arrived or not. */
  readonly dataClose: { readonly peer: string }
  /** A message was dropped. */
  readonly dropped: { readonly reason: SignalDropReason }
  /** An operation failed; it is tried again where that can help. */
  readonly error: { readonly error: AnyP2pError }
}

/** The two connections with a peer, each absent while there is none. */
export interface MeshConnections {
  readonly send?: RTCPeerConnection
  readonly receive?: RTCPeerConnection
}

/**
 * A full mesh of one-directional connections. {@link Mesh.addPeer} and {@link Mesh.removePeer} keep its roster: you
 * must add only peers whose membership was authenticated. Messages of all others are dropped and counted, and nothing
 * is allocated for them. spec S12
 */
export class Mesh extends TypedEventTarget<MeshEvents> {
  readonly #room: string
  readonly #session: SignalSession
  readonly #tracks = new LocalTracks()
  readonly #hasMedia: boolean
  readonly #protector: DataProtector | undefined
  readonly #linksByPeer = new Map<string, Links>()

  /**
   * @throws TypeError for a driver that does not seal, or that sends under another id, for wrong `iceServers`, and without a
   *   protector.
   */
  constructor(options: MeshOptions) {
    super()
    const { room, id, media = true } = options
    this.#room = room
    this.#hasMedia = media
    const given = media ? options : { ...options, frames: NO_FRAMES, labels: {} }
    this.#session = new SignalSession(given, {
      delivered: (message, namespace) => this.#deliver(message, namespace),
      dropped: (reason) => this.raise('dropped', { reason }),
      failed: (error) => this.raise('error', { error }),
      lost: (direction) => {
        for (const links of this.#linksByPeer.values()) links[direction].endUnprotected()
      },
      revived: (cause) => this.#revive(cause),
    })
    this.#protector = options.data ?? options.driver.data
    if (!media && this.#protector === undefined) {
      throw new TypeError('"data" expected a data protector, which this driver does not bring')
    }
    // If the driver cannot listen, every message that is sent reports it.
    this.#session
      .open(room, [senderNamespace(room, id), receiverNamespace(room, id)])
      .catch(() => undefined)
  }

  /** The own id. */
  get id(): string {
    return this.#session.id
  }

  /** The peers in the roster. */
  get peers(): readonly string[] {
    return [...this.#linksByPeer.keys()]
  }

  /** How many messages were dropped for each reason. */
  get drops(): SignalDropCounts {
    return this.#session.drops
  }

  /**
   * Adds a peer to the roster and connects both ways, for as long as it stays there. Does nothing for a peer that
   * is there already.
   *
   * @throws P2pError `ERR_P2P_TOO_MANY_PEERS`, `ERR_P2P_CLOSED`
   */
  addPeer(peer: string): void {
    this.#checkOpen()
    if (!isId(peer)) throw new TypeError('"peer" expected 1 to 128 characters, no control ones')
    if (peer === this.#session.id) throw new TypeError('"peer" must not be the own id')
    if (this.#linksByPeer.has(peer)) return
    const limit = this.#session.maxPeers
    if (this.#linksByPeer.size >= limit) throw new P2pError('ERR_P2P_TOO_MANY_PEERS', { limit })
    this.#linksByPeer.set(peer, this.#link(peer))
    this.#updateLimits()
  }

  /** Removes a peer from the roster and ends both connections. Returns, not throws, if it is not there. */
  removePeer(peer: string): void {
    const links = this.#linksByPeer.get(peer)
    if (links === undefined) return
    this.#linksByPeer.delete(peer)
    links.send.close()
    links.receive.close()
    this.#updateLimits()
  }

  /** Whether data can be sent to a peer now. */
  canSendData(peer: string): boolean {
    return this.#linksByPeer.get(peer)?.data?.isOpen === true
  }

  /**
   * Sends bytes to a peer in a channel of any name: in order and each once, or, where `reliable` is `false`, at once or
   * not at all. Reads them before it returns. Resolves when they left this side, or soon will, and there is room for more. That is no receipt: what was sent shortly before a
   * `dataClose` may be lost. spec S92, S93
   *
   * @param channel 1 to 128 characters, no control ones
   * @param bytes at most `MAX_DATA_BYTES`, or `MAX_UNRELIABLE_DATA_BYTES`
   * @throws P2pError `ERR_P2P_DATA_CLOSED`, `ERR_P2P_DATA_QUEUE_FULL`, `ERR_P2P_DATA_TOO_LARGE`; TypeError for malformed arguments; all as
   *   rejections
   */
  async sendData(
    peer: string,
    channel: string,
    bytes: Uint8Array,
    { reliable = true }: SendDataOptions = {},
  ): Promise<void> {
    const kind = reliable ? 'reliable' : 'unreliable'
    checkDataMessage(channel, bytes, kind)
    const data = this.#linksByPeer.get(peer)?.data
    if (data === undefined) throw new P2pError('ERR_P2P_DATA_CLOSED', { peer })
    await data.send(channel, bytes, kind)
  }

  /**
   * Sends a track, another one, or none, under a label: `microphone`, `camera`, `screen`, `screen-audio` or any
   * other. You must stop the track yourself.
   *
   * @throws TypeError for a track of the wrong kind, a label that had the other kind before, and in a mesh without media.
   * @throws P2pError `ERR_P2P_TOO_MANY_TRACKS`, `ERR_P2P_CLOSED`
   */
  setTrack(label: string, kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    this.#checkOpen()
    if (!this.#hasMedia) throw new TypeError('"track" expected a mesh with media')
    if (!this.#tracks.set(label, kind, track)) return
    for (const { send } of this.#linksByPeer.values()) send.updateTracks()
  }

  /** The connections with a peer, for statistics. You must not change them. */
  connections(peer: string): MeshConnections {
    const links = this.#linksByPeer.get(peer)
    const send = links?.send.connection
    const receive = links?.receive.connection
    return {
      ...(send === undefined ? {} : { send }),
      ...(receive === undefined ? {} : { receive }),
    }
  }

  /** Re-sends pending signalling and restarts broken connections. Call it after the driver reconnects. */
  resync(): void {
    this.#session.resync()
  }

  /** Ends all connections and tells the peers. */
  async close(): Promise<void> {
    for (const peer of this.peers) this.removePeer(peer)
    await this.#session.close()
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #checkOpen(): void {
    if (this.#session.room === undefined) throw new P2pError('ERR_P2P_CLOSED', undefined)
  }

  #link(peer: string): Links {
    const room = this.#room
    const { environment } = this.#session
    const raiseConnection =
      (direction: 'send' | 'receive') =>
      (state: RTCPeerConnectionState): void =>
        this.raise('connection', { peer, direction, state })
    // Links end only when their peer leaves the roster.
    const disposed = (): void => undefined
    const data = this.#dataWith(peer)
    return {
      invitedName: undefined,
      data,
      send: new SendingLink({
        environment,
        peer,
        tracks: this.#hasMedia ? this.#tracks : NO_TRACKS,
        limits: ({ label, kind }) => encodingLimits(label, kind, this.#linksByPeer.size),
        send: (message) => this.#session.send(receiverNamespace(room, peer), message, peer),
        stateChanged: raiseConnection('send'),
        attachData: data?.attachSending,
        disposed,
      }),
      receive: new ReceivingLink({
        environment,
        peer,
        send: (message) => this.#session.send(senderNamespace(room, peer), message, peer),
        stateChanged: raiseConnection('receive'),
        attachData: data?.attachReceiving,
        trackBegan: (track) => this.raise('track', { peer, ...track }),
        trackEnded: (track) => this.raise('trackEnded', { peer, ...track }),
        disposed,
      }),
    }
  }

  #dataWith(peer: string): PeerData | undefined {
    const protector = this.#protector
    return (
      protector &&
      new PeerData({
        ...{ peer, protector },
        received: ({ channel, kind, bytes }) =>
          this.raise('data', { peer, channel, reliable: kind === 'reliable', bytes }),
        dropped: (reason) => this.#session.drop(reason),
        opened: () => this.raise('dataOpen', { peer }),
        closed: () => this.raise('dataClose', { peer }),
      })
    )
  }

  #deliver(message: SignalMessage, [role]: Namespace): void {
    const links = this.#linksByPeer.get(message.id)
    if (links === undefined) return this.#session.drop('unknown-peer')
    if (role === 'receiver') return links.receive.receive(message)
    if (message.type === 'invoke' && message.connection !== links.invitedName) {
      // The peer knows this side now, and may not have when this side asked: ask again, once for each invitation.
      links.invitedName = message.connection
      links.receive.invite()
    }
    links.send.receive(message)
  }

  #revive(cause: 'network' | 'signalling'): void {
    for (const { send, receive } of this.#linksByPeer.values()) {
      send.revive(cause)
      receive.revive(cause)
    }
  }

  #updateLimits(): void {
    for (const { send } of this.#linksByPeer.values()) send.updateLimits()
  }
}

/** Both directions with one peer. */
interface Links {
  readonly send: SendingLink
  readonly receive: ReceivingLink
  readonly data: PeerData | undefined
  /** The name of the last connection that the peer asked for. */
  invitedName: string | undefined
}
