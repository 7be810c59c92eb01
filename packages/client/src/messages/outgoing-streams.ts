/**
 * The messages of this session: sealed one after the other, kept for a while, and repeated byte for byte.
 *
 * @module
 */
import { type Clock, TaskQueue } from '@conclave/base'
import { MAX_BODY_BYTES, SEALED_OVERHEAD_BYTES, type Sealer, randomMessageId } from '@conclave/e2ee'
import { MAX_SIGNED_CONTENT_BYTES } from '@conclave/e2ee/session'
import type { MessageId } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import type { Admission } from '../admission/admission.ts'
import type { Transport } from '../transport.ts'
import { type Hello, type ParticipantInfo, MESSAGE_KINDS, encodeBody } from './bodies.ts'
import type { Answer, Introductions } from './introductions.ts'
import type { PeerStreams } from './peer-streams.ts'
import { SendLog } from './send-log.ts'

/** A message on its way: its id is known before anything of it is sent. */
export interface Sending {
  readonly id: MessageId
  /**
   * Resolves when the transport has taken the sealed message.
   *
   * @throws ClientError `ERR_CLIENT_OVERFLOW` when too many messages wait, `ERR_CLIENT_NOT_ADMITTED` while nobody lets this
   *   session in, `ERR_CLIENT_CLOSED` after `close`
   */
  readonly sent: Promise<void>
}

/** A message of this session to the room, once the transport has taken it. */
export interface Said {
  readonly id: MessageId
  readonly kind: number
  readonly sequence: number
  readonly body: Uint8Array
}

/** The needs of {@link OutgoingStreams}. */
export interface OutgoingStreamsOptions {
  readonly transport: Transport
  readonly sealer: Sealer
  /** Left out: sessions say hello without introductions. spec R45 */
  readonly introductions?: Introductions | undefined
  readonly admission?: Admission | undefined
  readonly clock: Clock
  readonly said: (message: Said) => void
}

/** The content of a hello that the streams do not know themselves. */
export interface HelloContent {
  readonly reply: () => boolean
  readonly info: () => ParticipantInfo
  /** Receives the position of the hello in the direct stream, in the step that seals it. */
  readonly sealing?: (sequence: number) => void
}

/** The stream to the room and the streams to single sessions. Messages keep the order of the calls. */
export class OutgoingStreams {
  readonly #transport: Transport
  readonly #sealer: Sealer
  readonly #introductions: Introductions | undefined
  readonly #admission: Admission | undefined
  readonly #clock: Clock
  readonly #said: (message: Said) => void
  readonly #roomLog = new SendLog()
  readonly #queue = new TaskQueue({ maxWaiting: MAX_UNSEALED })
  #settled: Promise<void> = Promise.resolve()

  constructor(options: OutgoingStreamsOptions) {
    const { transport, sealer, introductions, admission, clock, said } = options
    this.#transport = transport
    this.#sealer = sealer
    this.#introductions = introductions
    this.#admission = admission
    this.#clock = clock
    this.#said = said
  }

  /** Seals a message to everyone in the room or, with `peer`, to one session. */
  send(kind: number, body: Uint8Array, peer?: PeerStreams): Sending {
    if (peer === undefined && !this.isHeard) {
      const error = new ClientError('ERR_CLIENT_NOT_ADMITTED', undefined)
      return { id: randomMessageId(), sent: Promise.reject(error) }
    }
    return this.#enqueue({ kind, body: () => body, peer })
  }

  /** Whether members may hear this session: not while they say that it is not let in. spec R71 */
  get isHeard(): boolean {
    const standing = this.#admission?.standing
    return standing !== 'waiting' && standing !== 'refused'
  }

  /** Whether a hello to this session can be sealed. spec R43 */
  canGreet({ id }: PeerStreams): boolean {
    return this.#introductions?.pairs.has(id) ?? true
  }

  /** Introduces this session to `peer`: asks it or, with the introduction of it that asks, answers. spec R43 */
  sendIntroduction(
    { id: to }: PeerStreams,
    answer?: { readonly question: Uint8Array; readonly status: Answer },
  ): Sending {
    const introductions = this.#introductions
    return this.#publishAfter(async (id) => {
      if (introductions === undefined) return
      const payload = await (answer === undefined
        ? introductions.ask(to)
        : introductions.answer(to, answer))
      // Introductions have no place in a stream: they are repeated by their questions, and kept nowhere.
      const message = { id, to, payload }
      const isFree = !this.#queue.closed && this.#transport.canPublish(payload.length)
      if (!isFree || !this.#transport.publish(message)) throw this.#refusal()
    })
  }

  /** Seals a hello that names where all streams between this session and `peer` stand. spec R9 */
  sendHello(peer: PeerStreams, { reply, info, sealing }: HelloContent): Sending {
    const body = (): Uint8Array => {
      this.beginStream(peer)
      const direct = Number(this.#sealer.next(peer.id))
      sealing?.(direct)
      const hello: Hello = {
        reply: reply(),
        next: { room: this.roomNext, direct },
        oldest: { room: this.#roomLog.oldest, direct: peer.directLog.oldest },
        first: { room: peer.roomStart ?? this.roomNext, direct: peer.directLog.first },
        received: peer.received,
        info: info(),
      }
      return encodeBody(hello)
    }
    return this.#enqueue({ kind: MESSAGE_KINDS.hello, body, peer })
  }

  /**
   * Repeats, to `peer` only, the messages from the positions that it expects next. Rejects when the transport throws.
   * spec R9, R28
   */
  async repeat(peer: PeerStreams): Promise<void> {
    const task = (): void => {
      const { lastRepetition } = peer
      if (lastRepetition !== undefined && this.#transport.isPending(lastRepetition)) return
      const { direct } = peer.expects
      const room = peer.expects.room ?? peer.roomStart ?? this.roomNext
      this.#repeatSince(peer, { log: this.#roomLog, from: room, stream: 'room' })
      this.#repeatSince(peer, { log: peer.directLog, from: direct, stream: 'direct' })
    }
    const done = this.#queue.run(task)
    if (done === undefined) return
    this.#settled = done.catch(() => {})
    await done
  }

  /** Everything that is said to the room from now on is owed to `peer`. spec R12 */
  beginStream(peer: PeerStreams): void {
    peer.roomStart ??= this.roomNext
  }

  /** The sequence that the next message to the room gets. */
  get roomNext(): number {
    return Number(this.#sealer.next())
  }

  /** Resolves when every message that was given so far is sealed and handed on, or refused. */
  get settled(): Promise<void> {
    return this.#settled
  }

  /** Refuses every message from now on. */
  close(): void {
    void this.#queue.close()
  }

  #enqueue(message: Unsealed): Sending {
    return this.#publishAfter((id) => this.#sealAndPublish(id, message))
  }

  #publishAfter(task: (id: MessageId) => Promise<void>): Sending {
    const id = randomMessageId()
    const sent = this.#queue.run(() => task(id)) ?? Promise.reject(this.#refusal())
    this.#settled = sent.catch(() => {})
    return { id, sent }
  }

  async #sealAndPublish(id: MessageId, { kind, body: bodyOf, peer }: Unsealed): Promise<void> {
    const to = peer?.id
    const log = peer?.directLog ?? this.#roomLog
    const body = bodyOf()
    // A sealed message has a place in its stream: it can be refused before it is sealed, and not afterwards.
    if (this.#queue.closed || !this.#hasSpace(log, body.length)) throw this.#refusal()
    const before = this.#sealer.next(to)
    try {
      const sealed = await this.#sealer.seal(to === undefined ? { kind } : { kind, to }, body)
      const message = { id, to, payload: sealed.bytes }
      const isHello = kind === MESSAGE_KINDS.hello
      // A message that is refused here is not kept either: it must not be repeated after its caller was told.
      if (!this.#transport.publish(message)) throw this.#refusal()
      const sequence = Number(sealed.sequence)
      log.add({ sequence, isHello, id, payload: sealed.bytes })
      if (peer === undefined) this.#said({ id, kind, sequence, body })
    } catch (error) {
      const next = this.#sealer.next(to)
      if (next > before && log.end < Number(next)) log.skipTo(Number(next))
      throw error
    }
  }

  #hasSpace(log: SendLog, bytes: number): boolean {
    const isPending = (id: MessageId): boolean => this.#transport.isPending(id)
    return this.#transport.canPublish(bytes) && log.hasSpace(bytes + OVERHEAD_BYTES, isPending)
  }

  #refusal(): ClientError {
    const code = this.#queue.closed ? 'ERR_CLIENT_CLOSED' : 'ERR_CLIENT_OVERFLOW'
    return new ClientError(code, undefined)
  }

  #repeatSince(
    peer: PeerStreams,
    { log, from, stream }: { log: SendLog; from: number; stream: 'room' | 'direct' },
  ): void {
    for (const { id, sequence, payload } of log.since(from)) {
      if (this.#transport.isPending(id)) continue
      const isFirst = sequence >= peer.repeated[stream]
      if (!isFirst && !peer.repetitions.take(this.#clock.now())) return
      const message = { id: randomMessageId(), to: peer.id, payload, isRepetition: true }
      // The next hello asks again for messages that do not fit now.
      if (!this.#transport.publish(message)) return
      peer.lastRepetition = message.id
      if (isFirst) peer.repeated[stream] = sequence + 1
    }
  }
}

interface Unsealed {
  readonly kind: number
  readonly body: () => Uint8Array
  readonly peer: PeerStreams | undefined
}

const MAX_UNSEALED = 2048
/** Of the seal and of the signature, which messages to the room have. spec R60 */
const OVERHEAD_BYTES = SEALED_OVERHEAD_BYTES + MAX_BODY_BYTES - MAX_SIGNED_CONTENT_BYTES
