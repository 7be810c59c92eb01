/**
 * Data by the connections of the mesh, between two sessions and nobody else. spec R178
 *
 * @module
 */
import { BoundedMap, type Clock, Emitter, RateLimiter } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { MediaTransport } from '../call/media-transport.ts'
import type { DataCarrier, DataCarrierEvents } from './data-carrier.ts'
import { SilenceWatch } from './silence-watch.ts'

/** Sends sealed messages of data as the connection to each participant takes them. */
export class MeshCarrier implements DataCarrier {
  readonly isDirect = true
  readonly #media: MediaTransport
  readonly #clock: Clock
  readonly #emitter = new Emitter<DataCarrierEvents>()
  readonly #stops: readonly (() => void)[]
  /** Messages that a connection has not taken. */
  readonly #pending = new Map<ParticipantId, number>()
  /** Participants whose connection did not take a message. A repetition would find the same one. spec R180 */
  readonly #failed = new Set<ParticipantId>()
  /** The connections that there are now, as far as something was sent in them. */
  readonly #watches = new Map<ParticipantId, Watched>()
  /** Participants who have answered a question in any connection. */
  readonly #answering = new BoundedMap<ParticipantId, true>(MAX_ANSWERING)

  constructor(media: MediaTransport, { clock }: { readonly clock: Clock }) {
    this.#media = media
    this.#clock = clock
    this.#stops = [
      media.on('data', ({ participant: from, channel, bytes: payload }) => {
        this.#watches.get(from)?.silence.heard()
        if (channel === CHANNEL) this.#emitter.emit('data', { from, payload })
        else if (channel === QUESTIONS) this.#answer(from, payload)
        else if (channel === ANSWERS) this.#answered(from, payload)
      }),
      media.on('dataOpened', ({ participant }) => {
        this.#forget(participant)
        this.#watch(participant).silence.begin()
        this.#emitter.emit('moved', { participant })
      }),
      media.on('dataClosed', ({ participant }) => {
        this.#forget(participant)
        this.#emitter.emit('lost', { participant })
        this.#emitter.emit('moved', { participant })
      }),
    ]
  }

  on<T extends keyof DataCarrierEvents>(
    type: T,
    handler: (event: DataCarrierEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  reaches(to: ParticipantId): boolean {
    return this.#isOpen(to) && !this.#failed.has(to) && !this.#isSilent(to)
  }

  hasSpace(to: ParticipantId): boolean {
    return this.reaches(to) && (this.#pending.get(to) ?? 0) < MAX_EACH
  }

  send(
    to: ParticipantId,
    payload: Uint8Array<ArrayBuffer>,
    { isReliable: reliable }: { readonly isReliable: boolean },
  ): boolean {
    if (!this.hasSpace(to)) return false
    this.#count(to, 1)
    if (reliable) this.#watch(to).silence.sent()
    const sending = this.#media.sendData?.(to, CHANNEL, payload, { reliable })
    void Promise.resolve(sending)
      .catch(() => {
        // What is offered may get lost.
        if (!reliable) return
        // A connection that ended meanwhile was told of already.
        if (this.#isOpen(to)) this.#failed.add(to)
        this.#emitter.emit('lost', { participant: to })
      })
      .then(() => {
        this.#count(to, -1)
        this.#emitter.emit('moved', { participant: to })
      })
    return true
  }

  close(): void {
    for (const stop of this.#stops) stop()
    for (const participant of this.#watches.keys()) this.#forget(participant)
    this.#emitter.clear()
  }

  #isOpen(to: ParticipantId): boolean {
    return this.#media.canSendData?.(to) === true
  }

  #isSilent(to: ParticipantId): boolean {
    return this.#watches.get(to)?.silence.isSilent === true
  }

  #watch(participant: ParticipantId): Watched {
    const known = this.#watches.get(participant)
    if (known !== undefined) return known
    const silence = new SilenceWatch({
      clock: this.#clock,
      answers: () => this.#answering.has(participant),
      ask: (number) => {
        if (this.#isOpen(participant)) this.#say(participant, QUESTIONS, Uint8Array.of(number))
        else this.#forget(participant)
      },
      changed: () => {
        if (silence.isSilent) this.#emitter.emit('lost', { participant })
        this.#emitter.emit('moved', { participant })
      },
    })
    const watched = { silence, answers: new RateLimiter(ANSWERED) }
    this.#watches.set(participant, watched)
    return watched
  }

  #forget(participant: ParticipantId): void {
    this.#failed.delete(participant)
    this.#watches.get(participant)?.silence.close()
    this.#watches.delete(participant)
  }

  /** Sends a few bytes that may get lost. */
  #say(to: ParticipantId, channel: string, bytes: Uint8Array): void {
    this.#media.sendData?.(to, channel, bytes, { reliable: false }).catch(() => {})
  }

  #answer(from: ParticipantId, question: Uint8Array): void {
    if (question.length !== 1 || !this.#isOpen(from)) return
    if (this.#watch(from).answers.take(this.#clock.now())) this.#say(from, ANSWERS, question)
  }

  #answered(from: ParticipantId, [number, ...others]: Uint8Array): void {
    if (number === undefined || others.length > 0) return
    this.#answering.set(from, true)
    this.#watches.get(from)?.silence.answered(number)
  }

  #count(to: ParticipantId, change: 1 | -1): void {
    const count = (this.#pending.get(to) ?? 0) + change
    if (count > 0) this.#pending.set(to, count)
    else this.#pending.delete(to)
  }
}

/** Messages to one participant that its connection has not taken. */
const MAX_EACH = 16
const CHANNEL = 'room data'
/** The channels in which each side asks the other whether anything comes. spec R221 */
const QUESTIONS = 'room data?'
const ANSWERS = 'room data!'
const MAX_ANSWERING = 1024
/** Questions of one participant that are answered. */
const ANSWERED = { perSecond: 4, burst: 16 }

interface Watched {
  readonly silence: SilenceWatch
  /** Bounds the answers to the participant. */
  readonly answers: RateLimiter
}
