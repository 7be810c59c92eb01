/**
 * Many-to-many: everybody sends to and receives from everybody in a roster that the caller tells.
 *
 * @module
 */
import type { Namespace } from './signalling/driver.ts'
import { countDrop } from './drops.ts'
import type { DropCounts, DropReason } from './drops.ts'
import { encodingLimits } from './connection/encodings.ts'
import { P2pError } from './errors.ts'
import type { AnyP2pError } from './errors.ts'
import { LocalTracks } from './connection/local-tracks.ts'
import { isId } from './signalling/messages.ts'
import type { SignalMessage } from './signalling/messages.ts'
import { watchNetwork } from './recovery/network-watch.ts'
import type { PeerEnvironment } from './connection/peer-context.ts'
import { MAX_PEERS, checkPeerOptions, createEnvironment } from './peer-options.ts'
import type { PeerOptions } from './peer-options.ts'
import type { RemoteTrack } from './connection/receiver-peer.ts'
import { ReceivingLink, senderNamespace } from './connection/receiving-link.ts'
import { SendingLink, receiverNamespace } from './connection/sending-link.ts'
import { SignalPort } from './signalling/signal-port.ts'
import { TypedEventTarget } from './typed-event-target.ts'

/** What a mesh needs. */
export interface MeshOptions extends PeerOptions {
  /** The own id; the driver must send under it. */
  readonly id: string
  /** The room: part of every namespace. */
  readonly room: string
}

/** Events of a {@link Mesh}. */
export interface MeshEvents {
  /** A peer's track is there; frames of it are shown only once they authenticate. */
  readonly track: { readonly peer: string } & RemoteTrack
  /** It is not any more. */
  readonly trackEnded: { readonly peer: string } & RemoteTrack
  /** One of the two connections with a peer changed its state. */
  readonly connection: {
    readonly peer: string
    readonly direction: 'send' | 'receive'
    readonly state: RTCPeerConnectionState
  }
  /** A message changed nothing. */
  readonly dropped: { readonly reason: DropReason }
  /** Something failed; what can be tried again is tried again. */
  readonly error: { readonly error: AnyP2pError }
}

/** The two connections with a peer, as far as they exist now. */
export interface MeshConnections {
  readonly send?: RTCPeerConnection
  readonly receive?: RTCPeerConnection
}

/**
 * A full mesh of one-directional connections. The roster is told by {@link Mesh.addPeer} and
 * {@link Mesh.removePeer}: you must add only peers whose membership was authenticated. Messages of anybody
 * else are dropped and counted, and nothing is allocated for them. spec S12
 */
export class Mesh extends TypedEventTarget<MeshEvents> {
  readonly #options: MeshOptions
  readonly #environment: PeerEnvironment
  readonly #port: SignalPort
  readonly #tracks = new LocalTracks()
  readonly #linksByPeer = new Map<string, Links>()
  readonly #dropCounts = new Map<DropReason, number>()
  readonly #unwatchNetwork: () => void
  #closed = false

  /** @throws TypeError for a driver that does not seal, or that sends under another id. */
  constructor(options: MeshOptions) {
    super()
    checkPeerOptions(options)
    this.#options = options
    const { room, id } = options
    const failed = (error: AnyP2pError): void => this.raise('error', { error })
    const dropped = (reason: DropReason): void => this.#drop(reason)
    this.#environment = createEnvironment(options, { dropped, failed })
    const namespaces = [senderNamespace(room, id), receiverNamespace(room, id)]
    this.#port = new SignalPort(options.driver, namespaces, {
      delivered: (message, namespace) => this.#deliver(message, namespace),
      dropped,
      failed,
    })
    this.#unwatchNetwork = watchNetwork(() => this.#revive('network'))
  }

  /** The peers in the roster. */
  get peers(): readonly string[] {
    return [...this.#linksByPeer.keys()]
  }

  /** How many messages changed nothing, by reason. */
  get drops(): DropCounts {
    return this.#dropCounts
  }

  /**
   * Takes a peer into the roster and connects both ways, for as long as it stays there. A peer that is there
   * already is left alone.
   *
   * @throws P2pError `ERR_P2P_TOO_MANY_PEERS`, `ERR_P2P_CLOSED`
   */
  addPeer(peer: string): void {
    if (this.#closed) throw new P2pError('ERR_P2P_CLOSED', undefined)
    if (!isId(peer) || peer === this.#options.id) {
      throw new TypeError('"peer" expected the id of somebody else')
    }
    if (this.#linksByPeer.has(peer)) return
    const limit = this.#options.maxPeers ?? MAX_PEERS
    if (this.#linksByPeer.size >= limit) throw new P2pError('ERR_P2P_TOO_MANY_PEERS', { limit })
    this.#linksByPeer.set(peer, this.#link(peer))
    this.#updateLimits()
  }

  /** Takes a peer out of the roster and ends both connections. Returns, not throws, if it is not there. */
  removePeer(peer: string): void {
    const links = this.#linksByPeer.get(peer)
    if (links === undefined) return
    this.#linksByPeer.delete(peer)
    links.send.close()
    links.receive.close()
    this.#updateLimits()
  }

  /**
   * Sends a track, another one, or none, under a label: `microphone`, `camera`, `screen`, `screen-audio` or any
   * other. The caller keeps the track and stops it.
   *
   * @throws TypeError for a track of the wrong kind, or a label that had the other kind before.
   * @throws P2pError `ERR_P2P_TOO_MANY_TRACKS`, `ERR_P2P_CLOSED`
   */
  setTrack(label: string, kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    if (this.#closed) throw new P2pError('ERR_P2P_CLOSED', undefined)
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

  /** Says again what is open, and repairs what is broken: call it when the driver came back. */
  resync(): void {
    this.#revive('signalling')
  }

  /** Ends all connections and says so. */
  async close(): Promise<void> {
    if (this.#closed) return
    for (const peer of this.peers) this.removePeer(peer)
    this.#closed = true
    this.#unwatchNetwork()
    await this.#port.close()
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #link(peer: string): Links {
    const { room } = this.#options
    const environment = this.#environment
    const raiseConnection =
      (direction: 'send' | 'receive') =>
      (state: RTCPeerConnectionState): void =>
        this.raise('connection', { peer, direction, state })
    // Nothing of a link is a reason to end it: only the roster is.
    const disposed = (): void => undefined
    return {
      invited: undefined,
      send: new SendingLink({
        environment,
        peer,
        tracks: this.#tracks,
        limits: ({ label, kind }) => encodingLimits(label, kind, this.#linksByPeer.size),
        send: (message) => this.#port.send(receiverNamespace(room, peer), message, peer),
        stateChanged: raiseConnection('send'),
        disposed,
      }),
      receive: new ReceivingLink({
        environment,
        peer,
        send: (message) => this.#port.send(senderNamespace(room, peer), message, peer),
        stateChanged: raiseConnection('receive'),
        trackBegan: (track) => this.raise('track', { peer, ...track }),
        trackEnded: (track) => this.raise('trackEnded', { peer, ...track }),
        disposed,
      }),
    }
  }

  #deliver(message: SignalMessage, [role]: Namespace): void {
    const links = this.#linksByPeer.get(message.id)
    if (links === undefined) return this.#drop('unknown-peer')
    if (role === 'receiver') return links.receive.take(message)
    if (message.type === 'invoke' && message.connection !== links.invited) {
      // The peer knows us now, and may not have when we asked: ask again, once for each of its invitations.
      links.invited = message.connection
      links.receive.invite()
    }
    links.send.take(message)
  }

  #revive(type: 'network' | 'signalling'): void {
    for (const { send, receive } of this.#linksByPeer.values()) {
      send.revive(type)
      receive.revive(type)
    }
  }

  #updateLimits(): void {
    for (const { send } of this.#linksByPeer.values()) send.updateLimits()
  }

  #drop(reason: DropReason): void {
    countDrop(this.#dropCounts, reason)
    this.raise('dropped', { reason })
  }
}

/** Both directions with one peer. */
interface Links {
  readonly send: SendingLink
  readonly receive: ReceivingLink
  /** The last connection that the peer asked for. */
  invited: string | undefined
}
