/**
 * One connection that receives from one peer: this side only answers.
 *
 * @module
 */
import { CandidateQueue } from './candidate-queue.ts'
import { CandidateSender, addCandidates } from './candidate-sender.ts'
import { limitCodecs } from './codec-preferences.ts'
import { P2pError } from '../errors.ts'
import { FlowMonitor, countPackets } from '../recovery/flow-monitor.ts'
import type { FlowSample } from '../recovery/flow-monitor.ts'
import { MAX_TRACKS } from '../signalling/messages.ts'
import type {
  AnswerMessage,
  CandidateMessage,
  OfferMessage,
  TrackDescription,
} from '../signalling/messages.ts'
import { createConnection } from './peer-context.ts'
import type { PeerContext } from './peer-context.ts'
import { Restarter } from '../recovery/restarter.ts'
import { tidyDescription } from './tidy-description.ts'

/** A track that arrives. */
export interface RemoteTrack {
  readonly label: string
  readonly kind: 'audio' | 'video'
  readonly track: MediaStreamTrack
  readonly receiver: RTCRtpReceiver
}

/** What a receiving connection needs besides its context. */
export interface ReceiverPeerOptions {
  readonly context: PeerContext
  /** The name that this side gave to the connection. */
  readonly name: string
  readonly trackBegan: (track: RemoteTrack) => void
  readonly trackEnded: (track: RemoteTrack) => void
  /** An offer could not be applied: the connection is of no use and must be made anew. */
  readonly broken: () => void
}

/** A connection that takes labels from authenticated offers and frames through transforms only. spec S18, S19, S26 */
export class ReceiverPeer {
  /** The platform's connection, for statistics. */
  readonly connection: RTCPeerConnection
  readonly #options: ReceiverPeerOptions
  readonly #context: PeerContext
  readonly #queue = new CandidateQueue()
  readonly #candidates: CandidateSender
  readonly #restarter: Restarter
  readonly #flow: FlowMonitor
  readonly #sectionByMid = new Map<string, Section>()
  #answer: AnswerMessage | undefined
  #ice = 0
  /** Restarts that were answered since the connection was last well. */
  #restartsInVain = 0
  #closed = false

  constructor(options: ReceiverPeerOptions) {
    this.#options = options
    this.#context = options.context
    const { clock } = this.#context
    this.connection = createConnection(this.#context)
    this.#candidates = new CandidateSender(this.#context)
    this.#restarter = new Restarter(clock, () => this.sync({ restart: true }))
    this.#flow = new FlowMonitor(
      clock,
      () => this.#sampleFlow(),
      (type) => {
        if (type === 'flowing') this.#restartsInVain = 0
        this.#restarter.take({ type })
      },
    )
    this.connection.addEventListener('icecandidate', (event) =>
      this.#candidates.take(event.candidate),
    )
    this.connection.addEventListener('track', (event) => this.#protect(event.transceiver))
    this.connection.addEventListener('connectionstatechange', () => {
      if (this.#closed) return
      if (this.connection.connectionState === 'connected') this.#restartsInVain = 0
      this.#restarter.take({ type: 'state', state: this.connection.connectionState })
      this.#context.stateChanged(this.connection.connectionState)
    })
  }

  /** Tells the other side what this one has, and with `restart`, that it has failed. */
  sync({ restart }: { restart: boolean }): void {
    if (this.#closed) return
    this.#context.send({
      type: 'sync',
      id: this.#context.self,
      connection: this.#options.name,
      negotiation: this.#answer?.negotiation ?? 0,
      restart,
    })
  }

  /** The device's network changed, or the driver came back. */
  revive(type: 'network' | 'signalling'): void {
    if (type === 'signalling') this.sync({ restart: false })
    this.#restarter.take({ type })
  }

  /** Handles a message of this connection; runs in the inbox. */
  async take(message: OfferMessage | CandidateMessage): Promise<void> {
    if (this.#closed) return
    if (message.type === 'candidate') return this.#takeCandidates(message)
    const answered = this.#answer?.negotiation ?? 0
    if (message.negotiation < answered) return this.#context.dropped('stale')
    // spec S18: the same offer again means that its answer was lost.
    if (message.negotiation === answered && this.#answer !== undefined) return this.#repeat()
    if (!this.#describe(message.tracks)) return this.#context.dropped('unexpected')
    if (message.ice > this.#ice && this.#ice > 0) this.#restartsInVain += 1
    // spec S34: what no restart repairs lies above ICE.
    if (this.#restartsInVain > MAX_RESTARTS_IN_VAIN) return this.#options.broken()
    this.#ice = message.ice
    try {
      await this.#apply(message)
    } catch (error) {
      if (this.#closed) return
      const { peer } = this.#context
      this.#context.failed(new P2pError('ERR_P2P_NEGOTIATION_FAILED', { peer }, { cause: error }))
      this.#options.broken()
    }
  }

  /** Ends the connection at once and without a word; its tracks end. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#restarter.close()
    this.#flow.close()
    this.#candidates.close()
    for (const section of this.#sectionByMid.values()) this.#hide(section)
    this.connection.close()
    this.#context.frames.release(this.connection)
    this.#context.stateChanged('closed')
  }

  async #apply(offer: OfferMessage): Promise<void> {
    const { frames, peer } = this.#context
    frames.prepare(peer, offer.keys).catch((error: unknown) => this.#reportProtect('', error))
    await this.connection.setRemoteDescription({ type: 'offer', sdp: offer.sdp })
    for (const transceiver of this.connection.getTransceivers()) this.#admit(transceiver)
    const description = await this.connection.createAnswer()
    this.#candidates.begin(offer.connection, offer.ice)
    await this.connection.setLocalDescription(description)
    if (this.#closed) return
    this.#answer = {
      type: 'answer',
      id: this.#context.self,
      connection: offer.connection,
      negotiation: offer.negotiation,
      sdp: tidyDescription(this.connection.localDescription?.sdp ?? ''),
    }
    this.#context.send(this.#answer)
    this.#restarter.take({ type: 'begun' })
    for (const section of this.#sectionByMid.values()) this.#show(section)
    await addCandidates(this.connection, this.#queue.described(offer.ice), this.#context)
  }

  #repeat(): void {
    if (this.#answer === undefined) return
    const { sdp } = this.connection.localDescription ?? this.#answer
    this.#context.send({ ...this.#answer, sdp: tidyDescription(sdp) })
  }

  async #takeCandidates(message: CandidateMessage): Promise<void> {
    for (const candidate of message.candidates) {
      const verdict = this.#queue.offer(message.ice, candidate)
      if (verdict === 'apply') await addCandidates(this.connection, [candidate], this.#context)
      else if (verdict !== 'queued') this.#context.dropped(verdict)
    }
  }

  /** Learns the labels of an offer; `false` if it moves a label or changes what a section is. spec S21 */
  #describe(tracks: readonly TrackDescription[]): boolean {
    const sections = [...this.#sectionByMid.values()]
    const fits = tracks.every(({ mid, label, kind }) =>
      sections.every(
        (known) =>
          (known.mid === mid) === (known.label === label) &&
          (known.mid !== mid || known.kind === kind),
      ),
    )
    const added = tracks.filter(({ mid }) => !this.#sectionByMid.has(mid))
    if (!fits || sections.length + added.length > MAX_TRACKS) return false
    for (const section of sections) section.active = false
    for (const track of tracks) {
      const known = this.#sectionByMid.get(track.mid)
      if (known !== undefined) known.active = track.active
      else this.#sectionByMid.set(track.mid, { ...track, transceiver: undefined, shown: undefined })
    }
    return true
  }

  /** Sets the transform in the task of the `track` event: Chromium ignores it when it comes later. */
  #protect(transceiver: RTCRtpTransceiver): void {
    const section = this.#sectionByMid.get(transceiver.mid ?? '')
    const { receiver } = transceiver
    if (section === undefined || section.kind !== receiver.track.kind) return
    if (section.transceiver !== undefined) return
    const { label, kind } = section
    const { frames, peer } = this.#context
    try {
      const acknowledged = frames.protectReceiver(
        receiver,
        { label, kind },
        { peer, connection: this.connection },
      )
      section.transceiver = transceiver
      acknowledged.catch((error: unknown) => this.#refuse(section, error))
    } catch (error) {
      this.#reportProtect(label, error)
    }
  }

  /** Answers only for sections that are described, protected and of allowed codecs; closes all others. */
  #admit(transceiver: RTCRtpTransceiver): void {
    const section = this.#sectionByMid.get(transceiver.mid ?? '')
    if (section === undefined || section.transceiver !== transceiver) {
      transceiver.direction = 'inactive'
      return
    }
    const { kind } = section
    limitCodecs(
      transceiver,
      this.#context.frames.codecs[kind],
      RTCRtpReceiver.getCapabilities(kind),
    )
  }

  #refuse(section: Section, error: unknown): void {
    if (this.#closed) return
    this.#reportProtect(section.label, error)
    this.#hide(section)
    section.transceiver?.receiver.track.stop()
    section.transceiver = undefined
  }

  #show(section: Section): void {
    const { label, kind, transceiver } = section
    if (!section.active || transceiver === undefined) return this.#hide(section)
    if (section.shown !== undefined) return
    const { receiver } = transceiver
    section.shown = { label, kind, receiver, track: receiver.track }
    this.#options.trackBegan(section.shown)
  }

  #hide(section: Section): void {
    const { shown } = section
    if (shown === undefined) return
    section.shown = undefined
    this.#options.trackEnded(shown)
  }

  /** Microphone and camera are sent steadily, muted ones too; a screen that does not change costs nothing. */
  async #sampleFlow(): Promise<FlowSample> {
    const expected = [...this.#sectionByMid.values()].some(
      ({ label, shown }) => shown !== undefined && (label === 'microphone' || label === 'camera'),
    )
    return { expected, packets: expected ? countPackets(await this.connection.getStats()) : 0 }
  }

  #reportProtect(label: string, cause: unknown): void {
    if (this.#closed) return
    const { peer } = this.#context
    this.#context.failed(new P2pError('ERR_P2P_PROTECT_FAILED', { peer, label }, { cause }))
  }
}

/** After so many restarts that did not help, the connection is made anew. spec S34 */
const MAX_RESTARTS_IN_VAIN = 5

/** A media section of the connection, as authenticated offers describe it. */
interface Section {
  readonly mid: string
  readonly label: string
  readonly kind: 'audio' | 'video'
  active: boolean
  /** Set when its receiver has a transform. */
  transceiver: RTCRtpTransceiver | undefined
  /** What was told of it. */
  shown: RemoteTrack | undefined
}
