/**
 * A room without a hub: the transport over any plain driver, where sessions tell each other who is there and confirm what
 * they got. The bus sees opaque texts on one opaque subject.
 *
 * @module
 */
import { type Clock, Emitter, RateLimiter } from '@conclave/base'
import { SEALED_OVERHEAD_BYTES } from '@conclave/e2ee'
import type { Driver } from '@conclave/p2p'
import { MAX_PAYLOAD_BYTES } from '@conclave/wire'
import type { MessageId, ParticipantId, RoomId } from '@conclave/wire'
import { type Kind, checkArgument, withMethods, wrongArgument } from '../arguments.ts'
import { abortedError, errorOf } from '../hub/connection-end.ts'
import type {
  Outgoing,
  Transport,
  TransportContext,
  TransportEvents,
  TransportFactory,
} from '../transport.ts'
import { BusConnection, type LastWords } from './bus-connection.ts'
import { BusDeliveries } from './bus-deliveries.ts'
import {
  type BusFrame,
  type BusMessage,
  BusVerifier,
  MAX_RECEIPT,
  decodeBusFrame,
  signBusFrame,
} from './bus-frame.ts'
import { type BusSession, BusSessions } from './bus-sessions.ts'

/**
 * Carries a whole room over a signalling driver, as in `Room.join(link, { transport: driverTransport(driver) })`: presence by signs
 * of life, receipts by the other sessions, and no server that counts or lists anybody. The driver may lose, repeat, reorder,
 * reflect and invent messages; one that tells `onReconnect` that its bus is back has what is open repeated at once. It sees when texts go over it, how long they are and which of its connections they come from.
 * spec S65 to S74
 *
 * The room's keys must have one root that all members hold: a link, a passphrase, a shared key.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT` for anything but a driver; the factory, for keys of each participant
 */
export function driverTransport(
  driver: Driver & { onReconnect?(handler: () => void): () => void },
): TransportFactory {
  checkArgument('driver', driver, DRIVER)
  return (self, context) => new DriverTransport(driver, { ...context, self })
}

/** A driver, as an argument. */
export const DRIVER: Kind = withMethods('on', 'off', 'emit')

type BusDriver = Parameters<typeof driverTransport>[0]

interface DriverTransportOptions extends TransportContext {
  readonly self: ParticipantId
}

class DriverTransport implements Transport {
  readonly #driver: BusDriver
  readonly #self: ParticipantId
  readonly #room: RoomId
  readonly #clock: Clock
  readonly #context: TransportContext
  readonly #emitter = new Emitter<TransportEvents>()
  readonly #connection: BusConnection
  readonly #verifier: BusVerifier
  readonly #sessions: BusSessions
  readonly #deliveries: BusDeliveries
  readonly #receiptsBySender = new Map<ParticipantId, Set<number>>()
  readonly #answers = new RateLimiter(ANSWERS)
  #state: State = 'idle'
  #opening: { resolve(): void; reject(error: Error): void } | undefined
  #stops: readonly ((() => void) | undefined)[] = []
  #signs = 0
  #isDown = false
  #last: LastWords | undefined
  #signTimer: unknown
  #receiptTimer: unknown
  #upTimer: unknown
  /** Sessions that are heard until then were there first. */
  #looksUntilMs = Number.NEGATIVE_INFINITY

  get [Symbol.toStringTag](): string {
    return 'DriverTransport'
  }

  constructor(driver: BusDriver, { self, ...context }: DriverTransportOptions) {
    const { room, keys, clock } = context
    if (keys.mode === 'participant') {
      throw wrongArgument('keys', keys, 'keys with one root that all members hold')
    }
    this.#driver = driver
    this.#self = self
    this.#room = room
    this.#clock = clock
    this.#context = context
    this.#verifier = new BusVerifier(room)
    this.#sessions = new BusSessions({
      clock,
      joined: (participant) => this.#joined(participant),
      left: (participant, reason) => {
        this.#deliveries.gone(participant)
        if (this.#state === 'up') this.#emitter.emit('participantLeft', { participant, reason })
      },
    })
    this.#deliveries = new BusDeliveries({
      clock,
      here: () => this.#sessions.here,
      emit: ({ payload, to }, sequence) => this.#emit({ kind: 'message', sequence, payload }, to),
      acknowledged: (id) => this.#emitter.emit('acknowledged', { id }),
      refused: (id) => this.#emitter.emit('refused', { id }),
      absent: (id) => this.#emitter.emit('absent', { id }),
    })
    this.#connection = new BusConnection({
      ...{ driver, keys, room, clock },
      up: () => void this.#connected(),
      down: () => this.#lost(),
      moved: () => void (this.#state === 'up' ? this.#announce() : this.#connected()),
      read: (bytes) => this.#read(bytes),
      dropped: (reason) => this.#emitter.emit('dropped', { reason }),
    })
  }

  on<T extends keyof TransportEvents>(
    type: T,
    handler: (event: TransportEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  async open({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#state === 'ended') throw errorOf('left')
    if (this.#state !== 'idle') throw new TypeError('"open" may be called once')
    if (signal?.aborted) throw abortedError(signal)
    const abort = (): void => {
      this.#opening?.reject(abortedError(signal))
      this.close()
    }
    signal?.addEventListener('abort', abort)
    this.#state = 'looking'
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening = { resolve, reject }
        this.#stops = [
          this.#context.wakeSignals?.subscribe(() => this.#wake()),
          this.#driver.onReconnect?.(() => this.#wake()),
        ]
        this.#connection.open()
      })
    } finally {
      this.#opening = undefined
      signal?.removeEventListener('abort', abort)
    }
  }

  canPublish(bytes: number): boolean {
    const sealedBytes = bytes + SEALED_OVERHEAD_BYTES
    if (this.#state === 'ended' || sealedBytes > MAX_PAYLOAD_BYTES) return false
    return this.#deliveries.outbox.hasSpace(sealedBytes)
  }

  publish(message: Outgoing): boolean {
    if (this.#state === 'ended' || !this.#deliveries.outbox.add(message)) return false
    this.#deliveries.flush()
    return true
  }

  isPending(id: MessageId): boolean {
    return this.#deliveries.outbox.has(id)
  }

  close(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    for (const stop of this.#stops) stop?.()
    for (const timer of [this.#signTimer, this.#receiptTimer, this.#upTimer]) {
      this.#clock.clearTimeout(timer)
    }
    this.#deliveries.close()
    this.#connection.close(this.#last)
    this.#opening?.reject(errorOf('left'))
    this.#emitter.emit('ended', { reason: 'left' })
    this.#emitter.clear()
  }

  /** The driver listens: the others hear of this session, and those that it hears soon are named at once. spec S70 */
  async #connected(): Promise<void> {
    this.#sessions.forgive()
    if (this.#state === 'looking') this.#looksUntilMs = this.#clock.now() + LOOK_MS
    if (!(await this.#announce()) || this.#state === 'ended') return
    this.#connection.works()
    if (this.#state === 'interrupted' || this.#sessions.here.length > 0) return this.#up()
    this.#clock.clearTimeout(this.#upTimer)
    this.#upTimer = this.#clock.setTimeout(() => this.#up(), LOOK_MS)
  }

  #up(): void {
    this.#clock.clearTimeout(this.#upTimer)
    if (!this.#connection.isUp || this.#state === 'up') return
    this.#state = 'up'
    this.#isDown = false
    this.#emitter.emit('up', { participants: this.#sessions.here })
    this.#opening?.resolve()
    this.#deliveries.up()
  }

  #lost(): void {
    this.#clock.clearTimeout(this.#upTimer)
    this.#clock.clearTimeout(this.#signTimer)
    this.#deliveries.down()
    if (this.#state === 'up') this.#state = 'interrupted'
    if (!this.#isDown) this.#emitter.emit('down', {})
    this.#isDown = true
  }

  /** The bus may be back: this session is heard of at once, and what is open is repeated. spec S74 */
  #wake(): void {
    this.#connection.wake()
    if (!this.#connection.isUp) return
    void this.#announce()
    if (this.#state === 'up') this.#deliveries.up()
  }

  /** A sign of life now, and others from time to time. Prepares the farewell, which a page that is closed has no time for. */
  async #announce(): Promise<boolean> {
    this.#clock.clearTimeout(this.#signTimer)
    this.#signTimer = this.#clock.setTimeout(() => {
      this.#sessions.sweep()
      void this.#announce()
    }, SIGN_MS)
    const isTaken = await this.#here({ asks: false })
    if (this.#last?.subject !== this.#connection.subject) await this.#prepareFarewell()
    return isTaken
  }

  async #prepareFarewell(): Promise<void> {
    const frame = await this.#sign({ kind: 'leave' }).catch(() => undefined)
    if (frame !== undefined) this.#last = await this.#connection.sealed(frame, FAREWELLS)
  }

  #here({ asks }: { readonly asks: boolean }, to?: ParticipantId): Promise<boolean> {
    this.#signs += 1
    return this.#emit({ kind: 'here', sequence: this.#signs, asks }, to)
  }

  #emit(message: BusMessage, to?: ParticipantId): Promise<boolean> {
    return this.#connection.emit(() => this.#sign(message, to))
  }

  #sign(message: BusMessage, to?: ParticipantId): Promise<Uint8Array> {
    return signBusFrame(message, { session: this.#context.session, room: this.#room, to })
  }

  async #read(bytes: Uint8Array<ArrayBuffer>): Promise<() => void> {
    const frame = decodeBusFrame(bytes)
    if (frame === undefined) {
      return () => this.#emitter.emit('dropped', { reason: 'malformed-frame' })
    }
    const { to } = frame
    if (to !== undefined && to !== this.#self) return () => {}
    const from = await this.#verifier.verify(frame)
    return () => this.#receive(frame, from)
  }

  #receive({ to, message }: BusFrame, from: ParticipantId | undefined): void {
    if (from === this.#self) return
    if (from === undefined) return this.#emitter.emit('dropped', { reason: 'not-authentic' })
    if (message.kind === 'leave') return this.#sessions.leave(from)
    // What a session wrote to this one is no recording from before: this session's id is fresh. spec S69
    const isDirect = to !== undefined
    const session = isDirect ? this.#sessions.meet(from) : this.#sessions.get(from)
    if (session === undefined) return this.#meet(from, { isDirect })
    this.#handle(session, message)
  }

  #handle(session: BusSession, message: BusMessage): void {
    const { id: from, messages } = session
    if (session.state === 'left') return
    switch (message.kind) {
      case 'here': {
        if (message.sequence <= session.newestSign) return
        session.newestSign = message.sequence
        this.#sessions.heard(session)
        if (message.asks && this.#mayAnswer()) void this.#here({ asks: false }, from)
        return
      }
      case 'message':
        // A repetition means that its receipt got lost.
        this.#confirm(from, message.sequence)
        if (!messages.accept(message.sequence)) return
        this.#sessions.heard(session)
        this.#emitter.emit('message', { from, payload: message.payload })
        return
      case 'receipt':
        this.#deliveries.confirmed(from, message.sequences)
        return
      case 'leave':
    }
  }

  /** A session that this one does not know is asked to write to it; nothing is kept of it. spec S69 */
  #meet(from: ParticipantId, { isDirect }: { readonly isDirect: boolean }): void {
    if (isDirect) return this.#emitter.emit('dropped', { reason: 'flood' })
    if (this.#mayAnswer()) void this.#here({ asks: true }, from)
  }

  #mayAnswer(): boolean {
    return this.#answers.take(this.#clock.now())
  }

  #joined(participant: ParticipantId): void {
    if (this.#state === 'looking') return this.#up()
    if (this.#state !== 'up') return
    const wasHere = this.#clock.now() < this.#looksUntilMs
    this.#emitter.emit('participantJoined', {
      participant,
      ...(wasHere ? { wasHere } : { mayBeFirst: true }),
    })
  }

  #confirm(from: ParticipantId, sequence: number): void {
    const waiting = this.#receiptsBySender.get(from) ?? new Set()
    this.#receiptsBySender.set(from, waiting.add(sequence))
    if (waiting.size >= MAX_RECEIPT) this.#sendReceipts()
    else this.#receiptTimer ??= this.#clock.setTimeout(() => this.#sendReceipts(), RECEIPT_MS)
  }

  #sendReceipts(): void {
    this.#clock.clearTimeout(this.#receiptTimer)
    this.#receiptTimer = undefined
    for (const [from, sequences] of this.#receiptsBySender) {
      void this.#emit({ kind: 'receipt', sequences: [...sequences] }, from)
    }
    this.#receiptsBySender.clear()
  }
}

type State = 'idle' | 'looking' | 'up' | 'interrupted' | 'ended'

/** Between two signs of life. spec S71 */
const SIGN_MS = 2000
/** A session that hears nobody is up after so long. spec S70 */
const LOOK_MS = 500
/** Receipts of so long go together. */
const RECEIPT_MS = 20
/** A farewell may get lost, and is not repeated later. */
const FAREWELLS = 3
/** Signs of life for single sessions that ask for one, or are not known. spec S69 */
const ANSWERS = { perSecond: 32, burst: 256 }
