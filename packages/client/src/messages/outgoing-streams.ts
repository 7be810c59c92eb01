/**
 * The messages of this session: sealed one after the other, kept for a while, and repeated byte for byte.
 *
 * @module
 */
import { type Clock, TaskQueue } from '@conclave/base'
import { MAX_BODY_BYTES, SEALED_OVERHEAD_BYTES, type Sealer, randomMessageId } from '@conclave/e2ee'
import { MAX_SIGNED_CONTENT_BYTES } from '@conclave/e2ee/session'
import type { MessageId, ParticipantId } from '@conclave/wire'
import { BOUNDS, type MessageBound } from '../bounds.ts'
import { ClientError } from '../errors.ts'
import type { Admission } from '../admission/admission.ts'
import type { KeyCarrier, OwnKeys } from '../keys/own-keys.ts'
import type { Transport } from '../transport.ts'
import { type Hello, type ParticipantInfo, MESSAGE_KINDS, encodeBody } from './bodies.ts'
import type { Answer, Introductions } from './introductions.ts'
import { ChatPositions } from './chat-positions.ts'
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
  /** Left out: the sealer's keys are not this session's to change and to give. spec R45 */
  readonly keys?: OwnKeys | undefined
  readonly peer: (id: ParticipantId) => PeerStreams | undefined
  readonly clock: Clock
  readonly said: (message: Said) => void
  /** A change of the key that nobody asked for failed. */
  failed(error: unknown): void
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
  readonly #options: OutgoingStreamsOptions
  readonly #transport: Transport
  readonly #sealer: Sealer
  readonly #introductions: Introductions | undefined
  readonly #admission: Admission | undefined
  readonly #clock: Clock
  readonly #said: (message: Said) => void
  readonly #roomLog = new SendLog()
  readonly #chat = new ChatPositions()
  readonly #queue = new TaskQueue({ maxWaiting: MAX_UNSEALED })
  /** Messages to the room: they wait until everybody in the roster holds the key. spec R47 */
  readonly #unsaid: Unsaid[] = []
  /** Whether a task that seals them waits. */
  #speaks = false
  #settled: Promise<void> = Promise.resolve()

  constructor(options: OutgoingStreamsOptions) {
    const { transport, sealer, introductions, admission, clock, said, keys } = options
    this.#options = options
    this.#transport = transport
    this.#sealer = sealer
    this.#introductions = introductions
    this.#admission = admission
    this.#clock = clock
    this.#said = said
    keys?.on('due', () => this.#speak(keys))
    keys?.carryBy(this.#carrier())
    introductions?.on('paired', ({ participant }) => this.#giveUpEarlier(participant))
  }

  /** Seals a message to everyone in the room or, with `peer`, to one session. */
  send(kind: number, body: Uint8Array, peer?: PeerStreams): Sending {
    if (peer === undefined && !this.isHeard) {
      const error = new ClientError('ERR_CLIENT_NOT_ADMITTED', undefined)
      return { id: randomMessageId(), sent: Promise.reject(error) }
    }
    const { keys } = this.#options
    const message = { kind, body: () => body, peer }
    if (peer !== undefined || keys === undefined) return this.#enqueue(message)
    const id = randomMessageId()
    if (this.#queue.closed || this.#unsaid.length >= MAX_UNSEALED) {
      return { id, sent: Promise.reject(this.#refusal()) }
    }
    const sent = new Promise<void>((resolve, reject) => {
      this.#unsaid.push({ id, message, resolve, reject })
    })
    this.#speak(keys)
    return { id, sent }
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
      const message = { id, to, payload, isUrgent: true }
      const isFree = !this.#queue.closed && this.#transport.canPublish(payload.length)
      if (!isFree || !this.#transport.publish(message)) throw this.#refusal()
    })
  }

  /** Seals a hello that names where all streams between this session and `peer` stand. spec R9 */
  sendHello(peer: PeerStreams, { reply, info, sealing }: HelloContent): Sending {
    const body = (): Uint8Array => {
      const direct = Number(this.#sealer.next(peer.id))
      sealing?.(direct)
      peer.tells(direct)
      const hello: Hello = {
        reply: reply(),
        next: { room: this.roomNext, direct },
        oldest: {
          room: Math.min(this.#roomLog.oldest, peer.closedFrom),
          direct: peer.directLog.oldest,
        },
        first: { room: peer.roomStart ?? this.roomNext, direct: peer.directLog.first },
        missed: this.#chat.countIn(peer.missed),
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
      // Keys stand in the direct stream. spec R57
      this.#repeatSince(peer, { log: peer.directLog, from: direct, stream: 'direct' })
      this.#repeatSince(peer, { log: this.#roomLog, from: room, stream: 'room' })
    }
    const done = this.#queue.run(task)
    if (done === undefined) return
    this.#settled = done.catch(() => {})
    await done
  }

  /** Everything that is said to the room from now on is owed to `peer`. spec R12 */
  beginStream(peer: PeerStreams): void {
    peer.openRoom(this.roomNext)
  }

  /** The sequence that the next message to the room gets. */
  get roomNext(): number {
    return Number(this.#sealer.next())
  }

  /** Resolves when every message that was given so far is sealed and handed on, is refused, or waits for a key. */
  get settled(): Promise<void> {
    return this.#settled
  }

  /** Refuses every message from now on. */
  close(): void {
    void this.#queue.close()
    this.#refuseUnsaid()
  }

  #refuseUnsaid(): void {
    for (const waiting of this.#unsaid.splice(0)) waiting.reject(this.#refusal())
  }

  /** The keys of a pair are new: what was sealed under others before is given up, and nothing that is sealed from now on. */
  #giveUpEarlier(id: ParticipantId): void {
    const next = Number(this.#sealer.next(id))
    if (next > 0) void this.#queue.run(() => this.#options.peer(id)?.directLog.giveUp(next))
  }

  #carrier(): KeyCarrier {
    const roomNext = (): number => this.roomNext
    return {
      get roomNext() {
        return roomNext()
      },
      canReach: (id) => this.#introductions?.pairs.has(id) ?? false,
      give: async (id, body) => {
        const peer = this.#options.peer(id)
        if (peer === undefined) throw this.#refusal()
        const message = { kind: MESSAGE_KINDS.key, body: () => body, peer }
        const sequence = await this.#sealAndPublish(randomMessageId(), message)
        peer.openRoom(this.roomNext)
        return sequence
      },
    }
  }

  /** Takes the steps of the keys that are due, and then seals what is to be said to the room. spec R47 */
  #speak(keys: OwnKeys): void {
    if (this.#speaks) return
    this.#speaks = true
    const done = this.#queue.run(async () => {
      this.#speaks = false
      while (this.#unsaid.length > 0 || keys.isUrgent) {
        const [next] = this.#unsaid
        try {
          // Somebody may come in while it resolves: only the last look is in the task that seals.
          do {
            if (!(await keys.advance())) return
          } while (!keys.isReady)
          if (next !== undefined) await this.#sealAndPublish(next.id, next.message)
          next?.resolve()
        } catch (error) {
          if (next === undefined) return this.#options.failed(error)
          next.reject(error)
        }
        if (this.#unsaid[0] === next) this.#unsaid.shift()
      }
    })
    if (done !== undefined) {
      this.#settled = done
      return
    }
    this.#speaks = false
    this.#refuseUnsaid()
  }

  #enqueue(message: Unsealed): Sending {
    return this.#publishAfter(async (id) => void (await this.#sealAndPublish(id, message)))
  }

  #publishAfter(task: (id: MessageId) => Promise<void>): Sending {
    const id = randomMessageId()
    const sent = this.#queue.run(() => task(id)) ?? Promise.reject(this.#refusal())
    this.#settled = sent.catch(() => {})
    return { id, sent }
  }

  async #sealAndPublish(id: MessageId, { kind, body: bodyOf, peer }: Unsealed): Promise<number> {
    const to = peer?.id
    const log = peer?.directLog ?? this.#roomLog
    const body = bodyOf()
    // A sealed message has a place in its stream: it can be refused before it is sealed, and not afterwards.
    const kept = peer === undefined && kind === MESSAGE_KINDS.chat ? BOUNDS.reserve : NOTHING
    if (this.#queue.closed || !this.#hasSpace(log, { bytes: body.length, kept }))
      throw this.#refusal()
    const before = this.#sealer.next(to)
    if (peer === undefined) this.#closeToUnreached(Number(before))
    try {
      const sealed = await this.#sealer.seal(to === undefined ? { kind } : { kind, to }, body)
      const isHello = kind === MESSAGE_KINDS.hello
      const isKey = kind === MESSAGE_KINDS.key
      const message = { id, to, payload: sealed.bytes, isUrgent: isHello || isKey }
      // A message that is refused here is not kept either: it must not be repeated after its caller was told.
      if (!this.#transport.publish(message)) throw this.#refusal()
      const sequence = Number(sealed.sequence)
      log.add({ sequence, isHello, isKey, id, payload: sealed.bytes })
      if (peer === undefined) {
        if (kind === MESSAGE_KINDS.chat) this.#chat.add(sequence)
        this.#said({ id, kind, sequence, body })
      }
      return sequence
    } catch (error) {
      const next = this.#sealer.next(to)
      if (next > before && log.end < Number(next)) log.skipTo(Number(next))
      throw error
    }
  }

  /** A message to the room is closed to those to whom no key could be brought. spec R53 */
  #closeToUnreached(sequence: number): void {
    const unreached = this.#options.keys?.messageSealed() ?? []
    for (const id of unreached) this.#options.peer(id)?.closeRoom(sequence)
  }

  /** @param of.kept what it leaves free for others */
  #hasSpace(log: SendLog, { bytes, kept }: { bytes: number; kept: MessageBound }): boolean {
    const isPending = (id: MessageId): boolean => this.#transport.isPending(id)
    const needed = { messages: 1 + kept.messages, bytes: bytes + OVERHEAD_BYTES + kept.bytes }
    return this.#transport.canPublish(bytes) && log.hasSpace(needed, isPending)
  }

  #refusal(): ClientError {
    const code = this.#queue.closed ? 'ERR_CLIENT_CLOSED' : 'ERR_CLIENT_OVERFLOW'
    return new ClientError(code, undefined)
  }

  #repeatSince(
    peer: PeerStreams,
    { log, from, stream }: { log: SendLog; from: number; stream: 'room' | 'direct' },
  ): void {
    for (const { id, sequence, payload, isKey } of log.since(from)) {
      if (this.#transport.isPending(id)) continue
      if (stream === 'room' && !peer.isOwed(sequence)) continue
      const isFirst = sequence >= peer.repeated[stream]
      if (!isFirst && !peer.repetitions.take(this.#clock.now())) return
      const order = isKey ? { isUrgent: true } : { isRepetition: true }
      const message = { id: randomMessageId(), to: peer.id, payload, ...order }
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

/** A message to the room that waits for its turn. */
interface Unsaid {
  readonly id: MessageId
  readonly message: Unsealed
  resolve(): void
  reject(error: unknown): void
}

const MAX_UNSEALED = 2048
const NOTHING: MessageBound = { messages: 0, bytes: 0 }
/** Of the seal and of the signature, which messages to the room have. spec R60 */
const OVERHEAD_BYTES = SEALED_OVERHEAD_BYTES + MAX_BODY_BYTES - MAX_SIGNED_CONTENT_BYTES
