/**
 * One connection that sends to one peer: this side alone offers.
 *
 * @module
 */
import { CandidateQueue } from './candidate-queue.ts'
import { CandidateSender, addCandidates } from './candidate-sender.ts'
import { P2pError } from '../errors.ts'
import type {
  AnswerMessage,
  CandidateMessage,
  OfferMessage,
  SyncMessage,
} from '../signalling/messages.ts'
import { createConnection } from './peer-context.ts'
import type { PeerContext } from './peer-context.ts'
import { Restarter } from '../recovery/restarter.ts'
import { Retry } from '../recovery/retry.ts'
import { SenderSlots } from './sender-slots.ts'
import type { SenderSlotsOptions } from './sender-slots.ts'
import { START_KILOBITS, withStartBitrate } from './start-bitrate.ts'
import { tidyDescription } from './tidy-description.ts'

/** What a sending connection needs besides its context. */
export interface SenderPeerOptions extends Omit<SenderSlotsOptions, 'connection'> {
  /** JSON for the other side. */
  readonly metadata?: string | undefined
}

/** A connection that offers, waits for the answer, and offers again when something changed. spec S15 to S19 */
export class SenderPeer {
  /** The platform's connection, for statistics. */
  readonly connection: RTCPeerConnection
  readonly #options: SenderPeerOptions
  readonly #context: PeerContext
  readonly #slots: SenderSlots
  readonly #queue = new CandidateQueue()
  readonly #candidates: CandidateSender
  readonly #restarter: Restarter
  readonly #retry: Retry
  #name: string | undefined
  #negotiation = 0
  #ice = 0
  /** The offer that waits for its answer. */
  #offered: OfferMessage | undefined
  #offeredAtMs = -Infinity
  /** What the next offer must do. */
  #pending = { offer: false, restart: false }
  /** What the last offer said of the tracks. */
  #told = ''
  #closed = false

  constructor(options: SenderPeerOptions) {
    this.#options = options
    this.#context = options.context
    this.connection = createConnection(this.#context)
    this.#candidates = new CandidateSender(this.#context)
    this.#restarter = new Restarter(this.#context.clock, () => this.#request({ restart: true }))
    this.#retry = new Retry(this.#context.clock, () => this.#repeat())
    this.connection.addEventListener('icecandidate', (event) =>
      this.#candidates.take(event.candidate),
    )
    this.connection.addEventListener('connectionstatechange', () => {
      if (this.#closed) return
      this.#restarter.take({ type: 'state', state: this.connection.connectionState })
      this.#context.stateChanged(this.connection.connectionState)
    })
    this.#slots = new SenderSlots({ ...options, connection: this.connection })
  }

  /** The name of the connection, once somebody asked for it. */
  get name(): string | undefined {
    return this.#name
  }

  /**
   * Answers an `invoke`: the first gives the connection its name and is answered with an offer; later ones with
   * the same offer, unless it was just sent.
   */
  invite(name: string): void {
    if (this.#name === undefined) {
      this.#name = name
      this.#request({ restart: false })
    } else if (this.#context.clock.now() - this.#offeredAtMs >= REPEAT_AFTER_MS) {
      this.#repeat()
    }
  }

  /** The table of tracks changed. */
  updateTracks(): void {
    if (this.#closed) return
    this.#slots.update()
    // One track in place of another is nobody's business; what begins, ends or is new is told.
    if (this.#slots.signature() !== this.#told) this.#request({ restart: false })
  }

  /** The limits changed. */
  updateLimits(): void {
    if (!this.#closed) this.#slots.updateLimits()
  }

  /** The device's network changed, or the driver came back. */
  revive(type: 'network' | 'signalling'): void {
    if (this.#offered !== undefined) this.#repeat()
    this.#restarter.take({ type })
  }

  /** Handles a message of this connection; runs in the inbox. */
  async take(message: AnswerMessage | CandidateMessage | SyncMessage): Promise<void> {
    if (this.#closed) return
    switch (message.type) {
      case 'answer':
        return this.#takeAnswer(message)
      case 'candidate':
        return this.#takeCandidates(message)
      case 'sync':
        return this.#takeSync(message)
    }
  }

  /** Ends the connection at once and without a word. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#slots.close()
    this.#restarter.close()
    this.#retry.stop()
    this.#candidates.close()
    this.connection.close()
    this.#context.frames.release(this.connection)
    this.#context.stateChanged('closed')
  }

  async #takeAnswer(message: AnswerMessage): Promise<void> {
    // spec S17: only the answer to the offer that is open counts.
    if (message.negotiation !== this.#offered?.negotiation) return this.#context.dropped('stale')
    try {
      const sdp = withStartBitrate(message.sdp, START_KILOBITS)
      await this.connection.setRemoteDescription({ type: 'answer', sdp })
    } catch (error) {
      return this.#reportNegotiation(error)
    }
    this.#offered = undefined
    this.#retry.stop()
    this.#restarter.take({ type: 'begun' })
    await addCandidates(this.connection, this.#queue.described(this.#ice), this.#context)
    await this.#negotiate()
  }

  async #takeCandidates(message: CandidateMessage): Promise<void> {
    for (const candidate of message.candidates) {
      const verdict = this.#queue.offer(message.ice, candidate)
      if (verdict === 'apply') await addCandidates(this.connection, [candidate], this.#context)
      else if (verdict !== 'queued') this.#context.dropped(verdict)
    }
  }

  #takeSync(message: SyncMessage): void {
    if (message.restart) this.#restarter.take({ type: 'requested' })
    else if (this.#offered !== undefined) this.#repeat()
    else if (message.negotiation < this.#negotiation) this.#request({ restart: false })
  }

  /** Asks for an offer; several requests become one. */
  #request({ restart }: { restart: boolean }): void {
    if (this.#closed || this.#name === undefined) return
    this.#pending = { offer: true, restart: this.#pending.restart || restart }
    this.#options.inbox.push(() => this.#negotiate())
  }

  /** Makes the offer that is due. An open one is superseded only by a restart, else its answer comes first. */
  async #negotiate(): Promise<void> {
    const { offer: due, restart } = this.#pending
    if (this.#closed || this.#name === undefined || !due) return
    if (this.#offered !== undefined && !restart) return
    this.#pending = { offer: false, restart: false }
    try {
      await this.#offer(this.#name, restart)
    } catch (error) {
      if (this.#closed) return
      this.#pending = { offer: true, restart: restart || this.#pending.restart }
      this.#reportNegotiation(error)
      this.#retry.resume()
    }
  }

  async #offer(connection: string, restart: boolean): Promise<void> {
    const keys = await this.#context.frames.describe()
    const description = await this.connection.createOffer({ iceRestart: restart })
    this.#negotiation += 1
    if (restart || this.#ice === 0) {
      this.#ice = this.#negotiation
      this.#candidates.begin(connection, this.#ice)
    }
    await this.connection.setLocalDescription(description)
    const { metadata } = this.#options
    this.#offered = {
      type: 'offer',
      id: this.#context.self,
      connection,
      negotiation: this.#negotiation,
      ice: this.#ice,
      sdp: tidyDescription(this.connection.localDescription?.sdp ?? ''),
      tracks: this.#slots.describe(),
      keys,
      ...(metadata === undefined ? {} : { metadata }),
    }
    this.#told = this.#slots.signature()
    this.#offeredAtMs = this.#context.clock.now()
    this.#context.send(this.#offered)
    this.#retry.start()
  }

  /** Sends the open offer again, with the candidates found since; or tries again to make one. */
  #repeat(): void {
    if (this.#closed) return
    if (this.#offered === undefined) {
      this.#options.inbox.push(() => this.#negotiate())
      return
    }
    const { sdp } = this.connection.localDescription ?? this.#offered
    this.#context.send({ ...this.#offered, sdp: tidyDescription(sdp) })
  }

  #reportNegotiation(cause: unknown): void {
    if (this.#closed) return
    const { peer } = this.#context
    this.#context.failed(new P2pError('ERR_P2P_NEGOTIATION_FAILED', { peer }, { cause }))
  }
}

/** An invitation that comes sooner after an offer crossed it on the way, in milliseconds. */
const REPEAT_AFTER_MS = 250
