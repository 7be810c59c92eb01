/**
 * One connection that sends to one peer: only this side offers.
 *
 * @module
 */
import { Retry } from '../recovery/retry.ts'
import type {
  AnswerMessage,
  CandidateMessage,
  OfferMessage,
  OutgoingMessage,
  SyncMessage,
  WishDescription,
} from '../signalling/messages.ts'
import { IceConnection } from './ice-connection.ts'
import type { PacketTime } from './packet-time.ts'
import type { PeerContext } from './peer-context.ts'
import { SenderSlots } from './sender-slots.ts'
import type { SenderSlotsOptions } from './sender-slots.ts'
import { START_KILOBITS, withStartBitrate } from './start-bitrate.ts'

/** Options of a {@link SenderPeer}. */
export interface SenderPeerOptions extends Omit<SenderSlotsOptions, 'ice'> {
  /** JSON for the other side. */
  readonly metadata?: string | undefined
  /** The connection is of no use. You must close it. */
  readonly broken: () => void
  /** The other side says how much of the videos it wants; `mayWork` before it costs something. Left out: it gets all of them. spec S125 */
  readonly wished?:
    | ((wishes: readonly WishDescription[], mayWork: () => boolean) => void)
    | undefined
  /** How much sound goes into a packet. Left out: as much as the platform likes. spec S145 */
  readonly packetTime?: PacketTime | undefined
}

/** The next offer: none, one with a change, or one that restarts ICE as well. */
type DueOffer = 'change' | 'restart' | undefined

/** A connection that offers, waits for the answer, and offers again when something changed. spec S15 to S19 */
export class SenderPeer {
  readonly #options: SenderPeerOptions
  readonly #context: PeerContext
  readonly #ice: IceConnection
  readonly #slots: SenderSlots
  readonly #retry: Retry
  #name: string | undefined
  #negotiation = 0
  /** The negotiation that began the present ICE credentials. */
  #iceNegotiation = 0
  #due: DueOffer
  /** The offer that waits for its answer. */
  #open: OutgoingMessage<OfferMessage> | undefined
  #offeredAtMs = -Infinity
  /** The signature of the tracks that the last offer described. */
  #offeredSignature = ''
  /** The peer has said that it takes data. */
  #takesData: true | undefined
  #wasConnected = false
  /** The length of packets of sound since the last answer. */
  #packetMs: number | undefined

  constructor(options: SenderPeerOptions) {
    this.#options = options
    this.#context = options.context
    this.#ice = new IceConnection(this.#context, {
      dataName: () => (this.#takesData ? this.#name : undefined),
      broken: options.broken,
      restart: () => this.#request('restart'),
      connected: () => {
        if (this.#wasConnected) this.#slots.renewPictures()
        this.#wasConnected = true
      },
    })
    this.#retry = new Retry(this.#context.clock, () => this.#repeat())
    this.#slots = new SenderSlots({ ...options, ice: this.#ice })
  }

  /** The platform's connection, for statistics. */
  get connection(): RTCPeerConnection {
    return this.#ice.platform
  }

  /** The name of the connection; `undefined` before the first `invoke`. */
  get name(): string | undefined {
    return this.#name
  }

  /**
   * Answers an `invoke`: the first gives the connection its name and is answered with an offer; later ones are answered
   * with the same offer, unless it was just sent.
   */
  invite(name: string): void {
    if (this.#name === undefined) {
      this.#name = name
      this.#request('change')
    } else if (this.#context.clock.now() - this.#offeredAtMs >= REPEAT_AFTER_MS) {
      this.#repeat()
    }
  }

  /** Follows a change in the table of tracks. */
  updateTracks(): void {
    if (this.#ice.closed) return
    this.#slots.update()
    // Replacing a track needs no renegotiation; adding or removing one does.
    if (this.#slots.signature() !== this.#offeredSignature) this.#request('change')
  }

  /** Follows a change of the limits. */
  updateLimits(): void {
    if (this.#ice.closed) return
    this.#slots.updateLimits()
    // Only an answer changes it.
    const isAnswered = this.#packetMs !== undefined
    if (isAnswered && this.#packetMs !== this.#options.packetTime?.ms()) this.#request('change')
  }

  /** Repeats the open offer and restarts if need be: the device's network changed, or the driver came back. */
  revive(cause: 'network' | 'signalling'): void {
    this.#ice.observe({ type: cause })
    if (this.#open !== undefined && this.#due !== 'restart') this.#repeat()
  }

  /** Handles a message of this connection; runs in the link's queue. */
  async handle(message: AnswerMessage | CandidateMessage | SyncMessage): Promise<void> {
    if (this.#ice.closed) return
    switch (message.type) {
      case 'answer':
        return this.#handleAnswer(message)
      case 'candidate':
        return this.#ice.receiveCandidates(message)
      case 'sync':
        return this.#handleSync(message)
    }
  }

  /** Closes the connection without telling the other side. */
  close(): void {
    this.#retry.stop()
    this.#ice.close()
  }

  async #handleAnswer(message: AnswerMessage): Promise<void> {
    // spec S17: only the answer to the open offer counts.
    if (message.negotiation !== this.#open?.negotiation) return this.#context.dropped('stale')
    const checked = this.#ice.checkRemote(message.sdp, this.#iceNegotiation)
    if (checked === undefined) return this.#context.dropped('malformed')
    this.#takesData = message.data
    const { packetTime } = this.#options
    this.#packetMs = packetTime?.ms()
    try {
      const sdp = withStartBitrate(packetTime?.apply(checked) ?? checked, START_KILOBITS)
      await this.#ice.calls.settled(this.connection.setRemoteDescription({ type: 'answer', sdp }))
    } catch (error) {
      return this.#reportFailure(error)
    }
    this.#open = undefined
    this.#retry.stop()
    this.#ice.observe({ type: 'begun' })
    // Now it is known which codec each section has, if any.
    this.#slots.update()
    await this.#ice.applyWaitingCandidates(this.#iceNegotiation)
    await this.#negotiate()
  }

  #handleSync(message: SyncMessage): void {
    if (message.wishes !== undefined) this.#options.wished?.(message.wishes, this.#context.mayWork)
    if (message.restart) this.#ice.observe({ type: 'requested' })
    else if (this.#open === undefined && message.negotiation >= this.#negotiation) return
    else if (!this.#context.mayWork()) return
    else if (this.#open !== undefined) this.#repeat()
    else this.#request('change')
  }

  /** Asks for an offer; several requests become one. */
  #request(offer: 'change' | 'restart'): void {
    if (this.#ice.closed || this.#name === undefined) return
    this.#require(offer)
    this.#context.queue.change(() => this.#negotiate())
  }

  #require(offer: 'change' | 'restart'): void {
    if (this.#due !== 'restart') this.#due = offer
  }

  /** Makes the offer that is due. Only a restart supersedes an open offer; else its answer comes first. */
  async #negotiate(): Promise<void> {
    const due = this.#due
    if (this.#ice.closed || this.#name === undefined || due === undefined) return
    if (this.#open !== undefined && due !== 'restart') return
    this.#due = undefined
    try {
      await this.#offer(this.#name, due === 'restart')
    } catch (error) {
      if (this.#ice.closed) return
      this.#require(due)
      this.#reportFailure(error)
      this.#retry.resume()
    }
  }

  async #offer(connection: string, restart: boolean): Promise<void> {
    const isNewGathering = restart || this.#iceNegotiation === 0
    if (isNewGathering) await this.#context.iceServers.renew(this.connection)
    const hasMedia = this.#options.tracks.list().length > 0
    const keys = hasMedia ? await this.#context.frames.describe() : ''
    const { calls } = this.#ice
    const description = await calls.settled(this.connection.createOffer({ iceRestart: restart }))
    this.#negotiation += 1
    if (isNewGathering) {
      this.#iceNegotiation = this.#negotiation
      this.#ice.beginCandidates(connection, this.#iceNegotiation)
    }
    await calls.settled(this.connection.setLocalDescription(description))
    const { metadata } = this.#options
    this.#open = {
      type: 'offer',
      connection,
      negotiation: this.#negotiation,
      ice: this.#iceNegotiation,
      sdp: this.#ice.localSdp,
      tracks: this.#slots.describe(),
      keys,
      ...(metadata === undefined ? {} : { metadata }),
    }
    this.#offeredSignature = this.#slots.signature()
    this.#offeredAtMs = this.#context.clock.now()
    this.#context.send(this.#open)
    this.#retry.start()
  }

  /** Sends the open offer again, with the candidates found since; without one, tries again to make the due offer. */
  #repeat(): void {
    if (this.#ice.closed) return
    if (this.#open === undefined) return this.#context.queue.change(() => this.#negotiate())
    this.#context.send({ ...this.#open, sdp: this.#ice.localSdp })
  }

  #reportFailure(cause: unknown): void {
    if (!this.#ice.closed) this.#context.negotiationFailed(cause)
  }
}

/** An `invoke` that comes sooner after an offer crossed it on the way, in milliseconds. */
const REPEAT_AFTER_MS = 250
