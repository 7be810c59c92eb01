/**
 * Finds the senders of a room and receives their streams.
 *
 * @module
 */
import type { Problem } from '@conclave/base'
import type { ChannelEvents } from './channels/channel-events.ts'
import { OfferedName } from './connection/offered-name.ts'
import { ReceivingLink } from './connection/receiving-link.ts'
import type { AttachData } from './connection/peer-context.ts'
import { P2pError } from './errors.ts'
import type { AnyP2pError } from './errors.ts'
import type { PeerOptions, Protection } from './peer-options.ts'
import { PeerExpiry } from './recovery/peer-expiry.ts'
import { discoveryPauseMs, Retry } from './recovery/retry.ts'
import { SignalSession, connectionByPeer } from './signal-session.ts'
import type { SignalDropCounts, SignalDropReason } from './signalling/drop-reason.ts'
import type { SignalMessage } from './signalling/messages.ts'
import { namespaceOf } from './signalling/namespace.ts'
import type { Namespace } from './signalling/namespace.ts'
import { TypedEventTarget } from './typed-event-target.ts'

/** Events of a {@link Receiver}; `id` is the sender's. */
export interface ReceiverEvents extends ChannelEvents {
  /** A sender's stream began. Tracks that begin or end later are added to it and removed from it. */
  readonly stream: {
    readonly id: string
    readonly stream: MediaStream
    /** The metadata that the sender was started with. */
    readonly metadata: unknown
  }
  /** A sender is connected. */
  readonly connect: { readonly id: string }
  /** A sender is gone. */
  readonly dispose: { readonly id: string }
  /** An operation failed; it is tried again where that can help. */
  readonly error: { readonly error: AnyP2pError }
  /** A message was dropped. */
  readonly dropped: { readonly reason: SignalDropReason }
  /** Nothing is encrypted: raised at each start by the class of `@conclave/p2p/plain`, and by no other. spec S82 */
  readonly problem: { readonly problem: Problem<'ERR_P2P_NOT_ENCRYPTED'> }
}

/**
 * Receives from all senders of a room that the driver authenticates, also from those that start later.
 */
export class Receiver extends TypedEventTarget<ReceiverEvents> {
  readonly #session: SignalSession
  readonly #linkByPeer = new Map<string, ReceivingLink>()
  readonly #expiry: PeerExpiry
  readonly #discovery: Retry
  readonly #offered = new OfferedName()

  /** @throws TypeError for a driver that does not seal, or that sends under another id, and for wrong `iceServers`. */
  constructor(options: PeerOptions) {
    super()
    this.#session = new SignalSession(options, {
      delivered: (message) => this.#deliver(message),
      dropped: (reason) => this.raise('dropped', { reason }),
      failed: (error) => this.raise('error', { error }),
      lost: (direction) => {
        if (direction !== 'receive') return
        for (const peer of this.#linkByPeer.keys()) this.#remove(peer)
      },
      revived: (cause) => this.#revive(cause),
      joined: (peer) => this.#ask(peer),
    })
    const { clock } = this.#session.environment
    this.#expiry = new PeerExpiry(clock, (peer) => this.#giveUp(peer))
    this.#discovery = new Retry(clock, () => this.#ask(), discoveryPauseMs)
  }

  /** Whether it was started and not stopped. */
  get active(): boolean {
    return this.#session.room !== undefined
  }

  /** The own id; empty before the start where the driver has none yet. */
  get id(): string {
    return this.#session.id
  }

  /** How many messages were dropped for each reason. */
  get drops(): SignalDropCounts {
    return this.#session.drops
  }

  /** The connections with senders, for statistics. You must not change them. */
  get connections(): ReadonlyMap<string, RTCPeerConnection> {
    return connectionByPeer(this.#linkByPeer)
  }

  /** How media and signalling are protected. spec S82 */
  get protection(): Protection {
    return 'end-to-end'
  }

  /**
   * Starts to receive. Resolves when senders can answer; rejects with the driver's error if they cannot.
   *
   * @throws TypeError if it runs already.
   */
  async start({ room }: { readonly room: string }): Promise<void> {
    if (this.active) throw new TypeError('"start" expected a receiver that is stopped')
    try {
      await this.#session.open(room, this.#namespaces(room))
    } catch (error) {
      await this.stop()
      throw error
    }
    // It may have been stopped meanwhile.
    if (!this.active) return
    this.#ask()
    this.#discovery.start()
  }

  /** Re-sends pending signalling and restarts broken connections. Call it after the driver reconnects. */
  resync(): void {
    this.#session.resync()
  }

  /** Ends all connections and tells the senders. It can be started again. */
  async stop(): Promise<void> {
    for (const peer of this.#linkByPeer.keys()) this.#remove(peer)
    this.#discovery.stop()
    await this.#session.close()
  }

  /** A driver may have its id only when it listens. spec S75 */
  *#namespaces(room: string): Generator<Namespace> {
    yield namespaceOf('receiver', room)
    yield namespaceOf('receiver', room, this.id)
  }

  /** Makes the data of connections with a peer; for subclasses. spec S99 */
  protected dataWith(_peer: string): AttachData | undefined {
    return undefined
  }

  #deliver(message: SignalMessage): void {
    const { id } = message
    const link = this.#linkByPeer.get(id)
    // spec S128: the answer to a question may be the offer itself, or the candidates that overtook it.
    const isOffer = message.type === 'offer' || message.type === 'candidate'
    if (link === undefined && isOffer && this.#offered.isFree(message.connection, id)) {
      this.#add(id, true)
      return this.#linkByPeer.get(id)?.receive(message)
    }
    if (message.type === 'sync' && message.connection === undefined) {
      // A sender announces itself: a new one, or one that may have restarted since.
      if (link === undefined) this.#add(id)
      else link.revive('signalling')
      return
    }
    if (link === undefined) return this.#session.drop('unknown-peer')
    link.receive(message)
  }

  /** @param isOffered the peer offers the connection already */
  #add(peer: string, isOffered = false): void {
    if (!this.#session.mayAdd('receive', this.#linkByPeer.size)) return
    const stream = new MediaStream()
    let metadata: unknown
    let isAnnounced = false
    const link: ReceivingLink = new ReceivingLink({
      environment: this.#session.environment,
      peer,
      first: { name: this.#offered.take(peer), isOffered },
      send: (message) => this.#session.send('sender', message, peer),
      stateChanged: (state) => this.#stateChanged(peer, state),
      unreachable: () => this.#giveUp(peer),
      offered: (offer) => {
        metadata = parseMetadata(offer.metadata)
      },
      attachData: this.dataWith(peer),
      trackBegan: ({ track }) => {
        stream.addTrack(track)
        if (isAnnounced) return
        isAnnounced = true
        // After the other tracks of the same offer, so that the event comes with the whole stream.
        queueMicrotask(() => {
          if (this.#linkByPeer.get(peer) !== link) return
          this.raise('stream', { id: peer, stream, metadata })
        })
      },
      trackEnded: ({ track }) => stream.removeTrack(track),
      disposed: () => {
        this.#remove(peer)
        // A sender that only restarted answers.
        this.#ask(peer)
      },
    })
    this.#linkByPeer.set(peer, link)
    this.#expiry.start(peer)
  }

  #giveUp(peer: string): void {
    const error = new P2pError('ERR_P2P_UNREACHABLE', { peer, direction: 'receive' })
    this.raise('error', { error })
    this.#remove(peer)
  }

  #remove(peer: string): void {
    this.#expiry.stop(peer)
    const link = this.#linkByPeer.get(peer)
    this.#linkByPeer.delete(peer)
    if (link === undefined) return
    link.close()
    this.raise('dispose', { id: peer })
  }

  #stateChanged(peer: string, state: RTCPeerConnectionState): void {
    if (!this.#linkByPeer.has(peer)) return
    if (state === 'connected') {
      this.#expiry.stop(peer)
      this.raise('connect', { id: peer })
    } else {
      this.#expiry.start(peer)
    }
  }

  #revive(cause: 'network' | 'signalling'): void {
    if (cause === 'signalling') this.#ask()
    for (const link of this.#linkByPeer.values()) link.revive(cause)
  }

  /** Asks one sender, or the whole room, to announce itself. spec S36 */
  #ask(peer?: string): void {
    this.#session.send('sender', { type: 'invoke', next: this.#offered.next() }, peer)
  }
}

const parseMetadata = (text = ''): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
