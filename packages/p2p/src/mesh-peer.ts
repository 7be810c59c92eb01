/**
 * One peer of a mesh: the two connections with it, and who sends in them.
 *
 * @module
 */
import { encodingLimits, lessByWish, lessUnderLoad } from './connection/encodings.ts'
import type { LocalTracks } from './connection/local-tracks.ts'
import { packetTimeUnderLoad } from './connection/packet-time.ts'
import { createConnectionName, ReceivingLink } from './connection/receiving-link.ts'
import { SendingLink } from './connection/sending-link.ts'
import { PeerData } from './data/peer-data.ts'
import { P2pError } from './errors.ts'
import { MAX_LOAD_LEVEL } from './load/load-policy.ts'
import type { MeshEvents } from './mesh-events.ts'
import type { DataProtector, MediaDirection } from './protectors.ts'
import type { SignalSession } from './signal-session.ts'
import type { OutgoingMessage, SignalMessage, Wish } from './signalling/messages.ts'
import { GrantedWishes } from './wishes/granted-wishes.ts'
import { OwnWishes } from './wishes/own-wishes.ts'

/** The two connections with a peer, each absent while there is none. */
export interface MeshConnections {
  readonly send?: RTCPeerConnection
  readonly receive?: RTCPeerConnection
}

/** The directions of media between two peers: both, unless one is off. spec S103 */
export interface PeerDirections {
  /** Whether this side's tracks are sent to the peer. */
  readonly send?: boolean
  /** Whether the peer's tracks are received. */
  readonly receive?: boolean
}

/** Options of a {@link MeshPeer}. */
export interface MeshPeerOptions {
  readonly peer: string
  readonly session: SignalSession
  /** Left out: there is no data. */
  readonly protector: DataProtector | undefined
  readonly tracks: Pick<LocalTracks, 'list' | 'get'>
  /** How many peers get the tracks of this side. */
  readonly receivers: () => number
  /** How much less this machine is asked to encode. */
  readonly loadLevel: () => number
  /** The peer wants more or less of the videos of this side. */
  readonly wished: () => void
  readonly raise: <Type extends keyof MeshEvents>(type: Type, detail: MeshEvents[Type]) => void
}

/** Sends and receives as long as its directions, or data, ask for it. spec S103, S104 */
export class MeshPeer {
  readonly #options: MeshPeerOptions
  readonly #data: PeerData | undefined
  #sends = false
  #receives = false
  #send: SendingLink | undefined
  #receive: ReceivingLink | undefined
  /** How much the peer wants of the videos of this side, and this side of those that it gets. */
  readonly #granted = new GrantedWishes()
  readonly #wishes: OwnWishes
  /** The name of the last connection that the peer asked for. */
  #invitedName: string | undefined

  constructor(options: MeshPeerOptions, { send = true, receive = true }: PeerDirections) {
    this.#options = options
    this.#data = this.#createData()
    this.#wishes = new OwnWishes({
      clock: options.session.environment.clock,
      // A machine that sends as little as it can wants no more of any camera.
      isLimit: () => options.loadLevel() >= MAX_LOAD_LEVEL,
      say: () => this.#receive?.sayWishes(),
    })
    this.#sends = send
    this.#receives = receive
    this.#link()
  }

  /** Whether this side's tracks are sent to the peer. */
  get sends(): boolean {
    return this.#sends
  }

  /** Whether the peer gets packets of a video of this side. */
  wants(label: string): boolean {
    return this.#sends && this.#granted.of(label) !== 'paused'
  }

  /** The data between this side and the peer; `undefined` where there is none. */
  get data(): PeerData | undefined {
    return this.#data
  }

  /** The connections that there are now. */
  get connections(): MeshConnections {
    const send = this.#send?.connection
    const receive = this.#receive?.connection
    return { ...(send && { send }), ...(receive && { receive }) }
  }

  /** Changes who sends, in the running call. */
  change({ send = this.#sends, receive = this.#receives }: PeerDirections): void {
    const isSendingChanged = send !== this.#sends
    this.#sends = send
    if (receive !== this.#receives) {
      this.#receives = receive
      // The next connection is asked for under the other labels.
      this.#receive?.close()
      this.#receive = undefined
    }
    this.#link()
    if (isSendingChanged) this.#send?.updateTracks()
  }

  /** Handles a message of the half of the peer that sends. */
  receiveOfSender(message: SignalMessage): void {
    const isAnnouncement = message.type === 'sync' && message.connection === undefined
    // The peer sends again: it has no use for a question that it has not answered.
    if (isAnnouncement && this.#receive !== undefined) this.#receive.invite()
    else this.#deliver(this.#receive, message)
  }

  /** Handles a message of the half of the peer that receives. */
  receiveOfReceiver(message: SignalMessage): void {
    if (message.type === 'invoke' && message.connection !== this.#invitedName) {
      // The peer knows this side now, and may not have when this side asked: ask again, once for each invitation.
      this.#invitedName = message.connection
      this.#receive?.invite()
    }
    this.#deliver(this.#send, message)
  }

  /** Follows a change in the table of tracks. */
  updateTracks(): void {
    this.#send?.updateTracks()
  }

  /** Follows a change of the limits. */
  updateLimits(): void {
    this.#send?.updateLimits()
  }

  /** Wants more or less of a video of the peer, in this connection and in later ones. */
  watch(label: string, wish: Wish): void {
    this.#wishes.set(label, wish)
  }

  /** Follows what this machine can decode. */
  updateWishes(): void {
    this.#wishes.update()
  }

  /** Repeats and repairs: the device's network changed, or the driver came back. */
  revive(cause: 'network' | 'signalling'): void {
    this.#send?.revive(cause)
    this.#receive?.revive(cause)
  }

  /** Ends a direction for good, because its frames cannot be protected. spec S42 */
  endUnprotected(direction: MediaDirection): void {
    const link = direction === 'send' ? this.#send : this.#receive
    link?.endUnprotected()
  }

  /** Ends both connections and tells the peer. */
  close(): void {
    this.#wishes.close()
    this.#send?.close()
    this.#receive?.close()
  }

  #deliver(link: SendingLink | ReceivingLink | undefined, message: SignalMessage): void {
    if (link === undefined) this.#options.session.drop('unexpected')
    else link.receive(message)
  }

  /** Makes the links that there is a use for now. */
  #link(): void {
    const hasData = this.#data !== undefined
    if (this.#sends || hasData) this.#send ??= this.#createSend()
    if (this.#receives || hasData) this.#receive ??= this.#createReceive()
  }

  #createSend(): SendingLink {
    const { peer, session, tracks, receivers, loadLevel, wished } = this.#options
    const send = (message: OutgoingMessage): void => session.send('receiver', message, peer)
    const link = new SendingLink({
      ...this.#common('send'),
      send,
      tracks: {
        list: () => (this.#sends ? tracks.list() : []),
        get: (label) => (this.#sends ? tracks.get(label) : undefined),
      },
      limits: ({ label, kind }) => {
        const limits = encodingLimits(label, kind, receivers())
        const wish = kind === 'audio' ? 'full' : this.#granted.of(label)
        return lessByWish(label, lessUnderLoad(label, limits, loadLevel()), wish)
      },
      packetTime: packetTimeUnderLoad(loadLevel),
      attachData: this.#data?.attachSending,
      wished: (wishes, mayWork) => {
        if (!this.#granted.take(wishes, mayWork)) return
        this.updateLimits()
        wished()
      },
    })
    // The peer may have asked before there was anything to send.
    if (this.#invitedName !== undefined) {
      send({ type: 'sync', negotiation: 0, restart: false })
    }
    return link
  }

  #createReceive(): ReceivingLink {
    const { peer, session, raise } = this.#options
    const { environment, ...common } = this.#common('receive')
    return new ReceivingLink({
      ...common,
      environment: this.#receives ? environment : { ...environment, kindByLabel: new Map() },
      send: (message) => session.send('sender', message, peer),
      trackBegan: (track) => raise('track', { peer, ...track }),
      trackEnded: (track) => raise('trackEnded', { peer, ...track }),
      first: { name: createConnectionName(), isOffered: false },
      wishes: this.#wishes,
      attachData: this.#data?.attachReceiving,
    })
  }

  #common(direction: MediaDirection) {
    const { peer, session, raise } = this.#options
    return {
      environment: session.environment,
      peer,
      stateChanged: (state: RTCPeerConnectionState) =>
        raise('connection', { peer, direction, state }),
      unreachable: () =>
        raise('error', { error: new P2pError('ERR_P2P_UNREACHABLE', { peer, direction }) }),
      // Links end only when they have no use.
      disposed: (): void => undefined,
    }
  }

  #createData(): PeerData | undefined {
    const { peer, protector, raise } = this.#options
    return (
      protector &&
      new PeerData({
        ...{ peer, protector },
        received: ({ channel, kind, bytes }) =>
          raise('data', { peer, channel, reliable: kind === 'reliable', bytes }),
        opened: () => raise('dataOpen', { peer }),
        closed: () => raise('dataClose', { peer }),
      })
    )
  }
}
