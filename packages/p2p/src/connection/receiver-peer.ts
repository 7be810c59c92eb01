/**
 * One connection that receives from one peer: this side only answers.
 *
 * @module
 */
import { FlowMonitor, countPackets } from '../recovery/flow-monitor.ts'
import type { FlowSample } from '../recovery/flow-monitor.ts'
import type {
  AnswerMessage,
  CandidateMessage,
  OfferMessage,
  OutgoingMessage,
  SyncMessage,
} from '../signalling/messages.ts'
import { IceConnection } from './ice-connection.ts'
import type { PeerContext } from './peer-context.ts'
import { ReceiverSections } from './receiver-sections.ts'
import type { ReceiverSectionsOptions } from './receiver-sections.ts'

/** Options of a {@link ReceiverPeer}. */
export interface ReceiverPeerOptions extends Omit<ReceiverSectionsOptions, 'ice'> {
  /** The name that this side gave to the connection. */
  readonly name: string
  /** The connection is of no use: an offer could not be applied, or no restart helps. You must close it. */
  readonly broken: () => void
  /** Left out: every video is wanted in full. */
  readonly wishes?: ReceiverWishes | undefined
}

/** The videos that this side wants less of. */
export interface ReceiverWishes {
  /** The part of each `sync` that says so. */
  readonly said: () => Pick<SyncMessage, 'wishes'>
  /** Whether the video with this label is not to come. */
  readonly isPaused: (label: string) => boolean
  /** An offer was answered: the other side may not know of them. */
  readonly answered: () => void
}

/** A connection that answers offers, and asks for restarts. spec S18, S19, S30 */
export class ReceiverPeer {
  readonly #options: ReceiverPeerOptions
  readonly #context: PeerContext
  readonly #ice: IceConnection
  readonly #sections: ReceiverSections
  readonly #flow: FlowMonitor
  #answer: OutgoingMessage<AnswerMessage> | undefined
  /** The negotiation that began the present ICE credentials. */
  #iceNegotiation = 0
  /** Answered restarts since the connection was last well. */
  #restartsInVain = 0

  constructor(options: ReceiverPeerOptions) {
    this.#options = options
    this.#context = options.context
    this.#ice = new IceConnection(this.#context, {
      dataName: () => options.name,
      broken: options.broken,
      restart: () => this.#sync(true),
      connected: () => {
        this.#restartsInVain = 0
      },
    })
    this.#sections = new ReceiverSections({ ...options, ice: this.#ice })
    this.#flow = new FlowMonitor(
      this.#context.clock,
      () => this.#sampleFlow(),
      (type) => {
        if (type === 'flowing') this.#restartsInVain = 0
        this.#ice.observe({ type })
      },
    )
  }

  /** The platform's connection, for statistics. */
  get connection(): RTCPeerConnection {
    return this.#ice.platform
  }

  /** Says again what is wanted of the videos, if the other side has offered some. */
  sayWishes(): void {
    if (this.#answer !== undefined) this.#sync()
  }

  /** Sends the last negotiation again and restarts if needed: the device's network changed, or the driver came back. */
  revive(cause: 'network' | 'signalling'): void {
    if (cause === 'signalling') this.#sync()
    this.#ice.observe({ type: cause })
  }

  /** Handles a message of this connection; runs in the link's queue. */
  async handle(message: OfferMessage | CandidateMessage): Promise<void> {
    if (this.#ice.closed) return
    if (message.type === 'candidate') return this.#ice.receiveCandidates(message)
    const answered = this.#answer?.negotiation ?? 0
    if (message.negotiation < answered) return this.#context.dropped('stale')
    if (!this.#context.mayWork()) return
    // spec S18: the same offer again means that its answer was lost.
    if (message.negotiation === answered && this.#answer !== undefined) {
      return this.#context.send({ ...this.#answer, sdp: this.#ice.localSdp })
    }
    const sdp = this.#ice.checkRemote(message.sdp, message.ice)
    if (sdp === undefined) return this.#context.dropped('malformed')
    if (!this.#sections.describe(message.tracks)) return this.#context.dropped('unexpected')
    const isNewGathering = message.ice > this.#iceNegotiation
    if (isNewGathering && this.#iceNegotiation > 0) this.#restartsInVain += 1
    // spec S34: a fault that no restart repairs lies above ICE.
    if (this.#restartsInVain > MAX_RESTARTS_IN_VAIN) return this.#options.broken()
    this.#iceNegotiation = message.ice
    if (isNewGathering) await this.#context.iceServers.renew(this.connection)
    if (this.#ice.closed) return
    try {
      await this.#apply({ ...message, sdp })
    } catch (error) {
      if (this.#ice.closed) return
      this.#context.negotiationFailed(error)
      this.#options.broken()
    }
  }

  /** Closes the connection without telling the other side; its tracks end. */
  close(): void {
    this.#flow.close()
    this.#sections.hide()
    this.#ice.close()
  }

  async #apply(offer: OfferMessage): Promise<void> {
    const { frames, peer } = this.#context
    if (offer.tracks.length > 0) {
      frames.prepare(peer, offer.keys).catch((error: unknown) => {
        if (!this.#ice.closed) this.#context.protectFailed('', error)
      })
    }
    const { calls } = this.#ice
    const { sdp } = offer
    await calls.settled(this.connection.setRemoteDescription({ type: 'offer', sdp }))
    this.#sections.limitAnswer()
    const description = await calls.settled(this.connection.createAnswer())
    this.#ice.beginCandidates(offer.connection, offer.ice)
    await calls.settled(this.connection.setLocalDescription(description))
    if (this.#ice.closed) return
    this.#answer = {
      type: 'answer',
      connection: offer.connection,
      negotiation: offer.negotiation,
      sdp: this.#ice.localSdp,
      ...(this.#context.attachData && { data: true }),
    }
    this.#context.send(this.#answer)
    this.#options.wishes?.answered()
    this.#ice.observe({ type: 'begun' })
    this.#sections.show()
    await this.#ice.applyWaitingCandidates(offer.ice)
  }

  /** Sends the number of the last answered negotiation; with `restart`, asks for an ICE restart. */
  #sync(restart = false): void {
    if (this.#ice.closed) return
    this.#context.send({
      type: 'sync',
      connection: this.#options.name,
      negotiation: this.#answer?.negotiation ?? 0,
      restart,
      ...this.#options.wishes?.said(),
    })
  }

  async #sampleFlow(): Promise<FlowSample> {
    const { wishes } = this.#options
    const expected = this.#sections.expectsPackets((label) => !wishes?.isPaused(label))
    return { expected, packets: expected ? countPackets(await this.connection.getStats()) : 0 }
  }
}

/** After this many failed restarts a new connection replaces the old one. spec S34 */
const MAX_RESTARTS_IN_VAIN = 5
