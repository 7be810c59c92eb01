/**
 * Many-to-many: each peer of a roster sends to and receives from each other one.
 *
 * @module
 */
import { cameraPixels } from './connection/encodings.ts'
import { CALL_LABELS, LocalTracks } from './connection/local-tracks.ts'
import { NO_FRAMES, NO_TRACKS } from './data/no-frames.ts'
import { checkDataMessage } from './data/peer-data.ts'
import { P2pError } from './errors.ts'
import { LoadMonitor } from './load/load-monitor.ts'
import type { MeshEvents } from './mesh-events.ts'
import { MeshPeer } from './mesh-peer.ts'
import type { MeshConnections, PeerDirections } from './mesh-peer.ts'
import type { PeerOptions } from './peer-options.ts'
import type { DataProtector } from './protectors.ts'
import { SignalSession } from './signal-session.ts'
import type { SignalDropCounts } from './signalling/drop-reason.ts'
import { isId } from './signalling/messages.ts'
import type { SignalMessage, Wish } from './signalling/messages.ts'
import { namespaceOf } from './signalling/namespace.ts'
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

/**
 * A mesh of one-directional connections. {@link Mesh.addPeer} and {@link Mesh.removePeer} keep its roster: you
 * must add only peers whose membership was authenticated. Messages of all others are dropped and counted, and nothing
 * is allocated for them. spec S12
 */
export class Mesh extends TypedEventTarget<MeshEvents> {
  readonly #room: string
  readonly #session: SignalSession
  readonly #tracks = new LocalTracks()
  readonly #hasMedia: boolean
  readonly #protector: DataProtector | undefined
  readonly #peerById = new Map<string, MeshPeer>()
  readonly #load: LoadMonitor | undefined

  /**
   * @throws TypeError for a driver that does not seal, or that sends under another id, for wrong `iceServers`, and without a
   *   protector.
   */
  constructor(options: MeshOptions) {
    super()
    const { room, id, media = true } = options
    this.#room = room
    this.#hasMedia = media
    this.#tracks.declare(CALL_LABELS)
    const given = media ? options : { ...options, frames: NO_FRAMES, labels: {} }
    this.#session = new SignalSession(given, {
      delivered: (message, namespace) => this.#deliver(message, namespace),
      dropped: (reason) => this.raise('dropped', { reason }),
      failed: (error) => this.raise('error', { error }),
      lost: (direction) => {
        for (const peer of this.#peerById.values()) peer.endUnprotected(direction)
      },
      revived: (cause) => this.#revive(cause),
    })
    this.#protector = options.data ?? options.driver.data
    if (!media && this.#protector === undefined) {
      throw new TypeError('"data" expected a data protector, which this driver does not bring')
    }
    if (media) {
      this.#load = new LoadMonitor({
        clock: this.#session.environment.clock,
        connections: () => this.#connections,
        pixels: (level) => (this.#sendsCamera ? cameraPixels(this.#cameraReceivers, level) : 0),
        changed: () => this.#updateLimits(),
      })
    }
    // If the driver cannot listen, every message that is sent reports it.
    this.#session
      .open(room, [namespaceOf('sender', room, id), namespaceOf('receiver', room, id)])
      .then(() => this.#session.startFrames())
      .catch(() => undefined)
  }

  /** The own id. */
  get id(): string {
    return this.#session.id
  }

  /** The peers in the roster. */
  get peers(): readonly string[] {
    return [...this.#peerById.keys()]
  }

  /** How many messages were dropped for each reason. */
  get drops(): SignalDropCounts {
    return this.#session.drops
  }

  /**
   * Adds a peer to the roster and connects with it for as long as it stays there: both ways, or as `directions` say. Does nothing for a peer
   * that is there already.
   *
   * @throws P2pError `ERR_P2P_TOO_MANY_PEERS`, `ERR_P2P_CLOSED`
   */
  addPeer(peer: string, directions: PeerDirections = {}): void {
    this.#checkOpen()
    if (!isId(peer)) throw new TypeError('"peer" expected 1 to 128 characters, no control ones')
    if (peer === this.#session.id) throw new TypeError('"peer" must not be the own id')
    if (this.#peerById.has(peer)) return
    const limit = this.#session.maxPeers
    if (this.#peerById.size >= limit) throw new P2pError('ERR_P2P_TOO_MANY_PEERS', { limit })
    const options = {
      ...{ peer, room: this.#room, session: this.#session, protector: this.#protector },
      tracks: this.#hasMedia ? this.#tracks : NO_TRACKS,
      loadLevel: () => this.#load?.level ?? 0,
      receivers: () => this.#receivers,
      wished: () => this.#wished(),
      raise: <Type extends keyof MeshEvents>(type: Type, detail: MeshEvents[Type]) =>
        this.raise(type, detail),
    }
    this.#peerById.set(peer, new MeshPeer(options, directions))
    this.#load?.start()
    this.#updateLimits()
  }

  /**
   * Changes who sends media to whom, in the running call: a direction that is left out stays as it is.
   *
   * @throws TypeError for a peer that is not in the roster
   */
  changePeer(peer: string, directions: PeerDirections): void {
    const known = this.#peerById.get(peer)
    if (known === undefined) throw new TypeError('"peer" expected a peer that was added')
    known.change(directions)
    this.#updateLimits()
  }

  /** Removes a peer from the roster and ends both connections. Returns, not throws, if it is not there. */
  removePeer(peer: string): void {
    const known = this.#peerById.get(peer)
    if (known === undefined) return
    this.#peerById.delete(peer)
    if (this.#peerById.size === 0) this.#load?.stop()
    known.close()
    this.#updateLimits()
  }

  /** Whether data can be sent to a peer now. */
  canSendData(peer: string): boolean {
    return this.#peerById.get(peer)?.data?.isOpen === true
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
    const data = this.#peerById.get(peer)?.data
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
    if (this.#peerById.size > 0) this.#load?.start()
    for (const peer of this.#peerById.values()) peer.updateTracks()
  }

  /**
   * Says how much of a peer's video somebody looks at: all of it, a small picture of it (`low`), or nothing (`paused`), which costs both
   * sides nothing. It holds until it is said otherwise, or the peer is removed. Sound is not touched. spec S126
   *
   * @throws TypeError for a peer that is not in the roster, and for a wrong label or wish
   */
  watch(peer: string, label: string, wish: Wish): void {
    const known = this.#peerById.get(peer)
    if (known === undefined) throw new TypeError('"peer" expected a peer that was added')
    if (!isId(label)) throw new TypeError('"label" expected 1 to 128 characters')
    if (!WISHES.has(wish)) throw new TypeError('"wish" expected full, low or paused')
    known.watch(label, wish)
  }

  /** Whether a peer gets a video of this side: `false` when all of them have paused it. */
  isWatched(label: string): boolean {
    return [...this.#peerById.values()].some((peer) => peer.wants(label))
  }

  /** The connections with a peer, for statistics. You must not change them. */
  connections(peer: string): MeshConnections {
    return this.#peerById.get(peer)?.connections ?? {}
  }

  /** Re-sends pending signalling and restarts broken connections. Call it after the driver reconnects, or for a peer that is back. */
  resync(peer?: string): void {
    if (peer === undefined) this.#session.resync()
    else this.#peerById.get(peer)?.revive('signalling')
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

  get #receivers(): number {
    return [...this.#peerById.values()].filter(({ sends }) => sends).length
  }

  get #cameraReceivers(): number {
    return [...this.#peerById.values()].filter((peer) => peer.wants('camera')).length
  }

  get #sendsCamera(): boolean {
    return this.#tracks.list().some(({ kind, track }) => kind === 'video' && track !== null)
  }

  get #connections(): readonly RTCPeerConnection[] {
    return [...this.#peerById.values()].flatMap(({ connections }) => Object.values(connections))
  }

  #checkOpen(): void {
    if (this.#session.room === undefined) throw new P2pError('ERR_P2P_CLOSED', undefined)
  }

  #deliver(message: SignalMessage, [role]: Namespace): void {
    const known = this.#peerById.get(message.id)
    if (known === undefined) return this.#session.drop('unknown-peer')
    if (role === 'receiver') known.receiveOfSender(message)
    else known.receiveOfReceiver(message)
  }

  #revive(cause: 'network' | 'signalling'): void {
    for (const peer of this.#peerById.values()) peer.revive(cause)
  }

  /** There may be more to encode. */
  #wished(): void {
    const before = this.#load?.level
    this.#load?.start()
    if (this.#load?.level !== before) this.#updateLimits()
  }

  #updateLimits(): void {
    for (const peer of this.#peerById.values()) {
      peer.updateLimits()
      peer.updateWishes()
    }
  }
}

const WISHES: ReadonlySet<string> = new Set<Wish>(['full', 'low', 'paused'])
