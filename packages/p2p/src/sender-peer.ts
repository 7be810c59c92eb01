/**
 * One connection that sends to one peer: this side alone offers.
 *
 * @module
 */
import { CandidateQueue } from './candidate-queue.ts'
import { CandidateSender, addCandidates } from './candidate-sender.ts'
import { limitCodecs } from './codec-preferences.ts'
import { applyLimits } from './encodings.ts'
import type { EncodingLimits } from './encodings.ts'
import { P2pError } from './errors.ts'
import type { Inbox } from './inbox.ts'
import type { LocalTrack, LocalTracks } from './local-tracks.ts'
import type { AnswerMessage, CandidateMessage, OfferMessage, SyncMessage } from './messages.ts'
import { createConnection } from './peer-context.ts'
import type { PeerContext } from './peer-context.ts'
import { Restarter } from './restarter.ts'
import { Retry } from './retry.ts'

/** What a sending connection needs besides its context. */
export interface SenderPeerOptions {
  readonly context: PeerContext
  /** Runs what the connection does in turn with the messages of the peer. */
  readonly inbox: Inbox
  readonly tracks: LocalTracks
  /** The limits of a track now. */
  readonly limits: (track: LocalTrack) => EncodingLimits
  /** JSON for the other side. */
  readonly metadata?: string | undefined
  /** The protector refused: nothing was or will be sent; the connection must be closed. */
  readonly protectFailed: (label: string, cause: unknown) => void
}

/**
 * A connection with one media section for each label. The sections are made without a track; a track is put
 * into one only after its transform was acknowledged. spec S15 to S19, S24
 */
export class SenderPeer {
  /** The platform's connection, for statistics. */
  readonly connection: RTCPeerConnection
  readonly #options: SenderPeerOptions
  readonly #context: PeerContext
  readonly #slots: Slot[] = []
  readonly #queue = new CandidateQueue()
  readonly #candidates: CandidateSender
  readonly #restarter: Restarter
  readonly #retry: Retry
  #name: string | undefined
  #negotiation = 0
  #ice = 0
  /** The offer that waits for its answer. */
  #offered: OfferMessage | undefined
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
    this.#addSlots()
  }

  /** The name of the connection, once somebody asked for it. */
  get name(): string | undefined {
    return this.#name
  }

  /** Answers an `invoke`: the first gives the connection its name and is answered with an offer. */
  invite(name: string): void {
    if (this.#name === undefined) {
      this.#name = name
      this.#request({ restart: false })
    } else if (this.#offered !== undefined) {
      this.#repeat()
    }
  }

  /** The table of tracks changed. */
  updateTracks(): void {
    if (this.#closed) return
    this.#addSlots()
    for (const slot of this.#slots) this.#options.inbox.push(() => this.#attach(slot))
    // One track in place of another is nobody's business; what begins, ends or is new is told.
    if (this.#signature() !== this.#told) this.#request({ restart: false })
  }

  /** The limits changed. */
  updateLimits(): void {
    for (const slot of this.#slots) this.#options.inbox.push(() => this.#limit(slot))
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
      await this.connection.setRemoteDescription({ type: 'answer', sdp: message.sdp })
    } catch (error) {
      return this.#reportNegotiation(error)
    }
    this.#offered = undefined
    this.#retry.stop()
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
      sdp: this.connection.localDescription?.sdp ?? '',
      tracks: this.#describeTracks(),
      keys,
      ...(metadata === undefined ? {} : { metadata }),
    }
    this.#told = this.#signature()
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
    const sdp = this.connection.localDescription?.sdp ?? this.#offered.sdp
    this.#context.send({ ...this.#offered, sdp })
  }

  #describeTracks(): OfferMessage['tracks'] {
    return this.#slots.flatMap(({ label, kind, transceiver }) => {
      const { mid } = transceiver
      const active = this.#wanted(label) !== null
      return mid === null ? [] : [{ mid, label, kind, active }]
    })
  }

  #signature(): string {
    return this.#slots.map(({ label }) => `${label} ${this.#wanted(label) !== null}`).join()
  }

  #addSlots(): void {
    for (const track of this.#options.tracks.list()) {
      if (!this.#slots.some((slot) => slot.label === track.label)) this.#addSlot(track)
    }
  }

  /** Makes a media section without a track, and its transform in the same task. */
  #addSlot(track: LocalTrack): void {
    const { label, kind } = track
    const { frames, peer } = this.#context
    const transceiver = this.connection.addTransceiver(kind, { direction: 'sendonly' })
    const slot: Slot = { label, kind, transceiver, isProtected: false }
    this.#slots.push(slot)
    try {
      const acknowledged = frames.protectSender(
        transceiver.sender,
        { label, kind },
        { peer, connection: this.connection },
      )
      limitCodecs(transceiver, frames.codecs[kind], RTCRtpSender.getCapabilities(kind))
      acknowledged.then(
        () => {
          slot.isProtected = true
          this.#options.inbox.push(() => this.#attach(slot))
        },
        (error: unknown) => this.#protectFailed(label, error),
      )
    } catch (error) {
      // After the constructor, so that the owner knows the connection that it has to close.
      queueMicrotask(() => this.#protectFailed(label, error))
    }
  }

  #protectFailed(label: string, error: unknown): void {
    if (!this.#closed) this.#options.protectFailed(label, error)
  }

  async #attach(slot: Slot): Promise<void> {
    // spec S24: without the worker's word no track comes near the sender.
    if (this.#closed || !slot.isProtected) return
    const track = this.#wanted(slot.label)
    if (slot.transceiver.sender.track !== track) await slot.transceiver.sender.replaceTrack(track)
    await this.#limit(slot)
  }

  async #limit(slot: Slot): Promise<void> {
    const track = this.#options.tracks.get(slot.label)
    if (this.#closed || !slot.isProtected || track === undefined || track.track === null) return
    const { width, height } = track.track.getSettings()
    const shorter =
      width === undefined || height === undefined ? undefined : Math.min(width, height)
    const { sender } = slot.transceiver
    const parameters = applyLimits(sender.getParameters(), this.#options.limits(track), shorter)
    try {
      await sender.setParameters(parameters)
    } catch {
      // Somebody else set parameters in between, or the platform does not know one of them: limits are
      // a courtesy, and the next change applies them again.
    }
  }

  #wanted(label: string): MediaStreamTrack | null {
    return this.#options.tracks.get(label)?.track ?? null
  }

  #reportNegotiation(cause: unknown): void {
    if (this.#closed) return
    const { peer } = this.#context
    this.#context.failed(new P2pError('ERR_P2P_NEGOTIATION_FAILED', { peer }, { cause }))
  }
}

/** A media section of the connection. */
interface Slot {
  readonly label: string
  readonly kind: 'audio' | 'video'
  readonly transceiver: RTCRtpTransceiver
  isProtected: boolean
}
