/**
 * A hub in memory whose deliveries a test makes by hand, and that can do everything a hostile one can: drop, repeat,
 * reorder, invent, die and come back.
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import type { MessageId, ParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import { abortedError } from '../hub/connection-end.ts'
import type { Outgoing, Transport, TransportEvents } from '../transport.ts'

/** One message on its way to one participant. */
export interface Delivery {
  readonly from: ParticipantId
  readonly to: ParticipantId
  readonly payload: Uint8Array
  /** The message's number in this hub; missing from invented messages. */
  readonly position?: bigint | undefined
}

/** Decides what becomes of a delivery: hands on what is to arrive, as often, as late and as changed as it likes. */
export type DeliveryRule = (delivery: Delivery, deliver: (delivery: Delivery) => void) => void

/** The hub. Presence and acknowledgements go out at once; messages wait in `queue` until `flush`, if not told otherwise. */
export class LocalHub {
  /** Messages that wait for their delivery, oldest first. A test may change it as it likes. */
  queue: Delivery[] = []
  /** Every message that was ever published, as the hub saw it. */
  readonly seen: Delivery[] = []
  /** Decides what becomes of the deliveries that sessions cause; each arrives once when it is left out. */
  rule: DeliveryRule | undefined
  readonly #sessions = new Map<ParticipantId, LocalTransport>()
  readonly #atOnce: boolean
  #alive = true
  #lastPosition = 0n

  get [Symbol.toStringTag](): string {
    return 'LocalHub'
  }

  /** @param options.atOnce delivers without being asked to, each message in its own task */
  constructor(options: { readonly atOnce?: boolean } = {}) {
    this.#atOnce = options.atOnce ?? false
  }

  /** A transport for a new session. */
  transport(self: ParticipantId): LocalTransport {
    return new LocalTransport(self, this)
  }

  /** Delivers everything that waits, also the answers of the `sides`, until nothing is left to deliver. */
  async flush(sides: readonly { settled(): Promise<void> }[]): Promise<void> {
    do {
      for (const delivery of this.queue.splice(0)) this.#deliver(delivery)
      await Promise.all(sides.map((side) => side.settled()))
    } while (this.queue.length > 0)
  }

  /** The connection of a session that is here. */
  session(participant: ParticipantId): LocalTransport | undefined {
    return this.#sessions.get(participant)
  }

  /** Delivers a message past the rule: a forged one, or one that the hub kept. */
  invent(delivery: Delivery): void {
    this.#sessions.get(delivery.to)?.tell('message', delivery)
  }

  /** Dies with everything that was not delivered. */
  kill(): void {
    this.#alive = false
    this.queue = []
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    for (const session of sessions) session.tell('down', {})
  }

  /** Comes back without memory; sessions find it one after the other. */
  restart(sessions: readonly LocalTransport[]): void {
    this.#alive = true
    for (const session of sessions) this.connect(session)
  }

  /** A session's connection stands; `false` when the hub is dead. */
  connect(session: LocalTransport): boolean {
    if (!this.#alive) return false
    for (const other of this.#sessions.values()) {
      other.tell('participantJoined', { participant: session.self })
    }
    const participants = [...this.#sessions.keys()]
    this.#sessions.set(session.self, session)
    session.connected({ participants })
    return true
  }

  /** A session's connection ended. */
  disconnect(session: LocalTransport, reason: 'left' | 'lost'): void {
    if (this.#sessions.get(session.self) !== session) return
    this.#sessions.delete(session.self)
    for (const other of this.#sessions.values()) {
      other.tell('participantLeft', { participant: session.self, reason })
    }
  }

  /** Takes over a message and returns its number; `undefined` when the hub is dead or does not know the session. */
  accept(from: LocalTransport, { to, payload }: Outgoing): bigint | undefined {
    if (!this.#alive || this.#sessions.get(from.self) !== from) return undefined
    this.#lastPosition += 1n
    const position = this.#lastPosition
    const recipients = to === undefined ? [...this.#sessions.keys()] : [to]
    for (const recipient of recipients) {
      if (recipient === from.self || !this.#sessions.has(recipient)) continue
      const delivery = { from: from.self, to: recipient, payload, position }
      this.seen.push(delivery)
      if (this.#atOnce) queueMicrotask(() => this.#deliver(delivery))
      else this.queue.push(delivery)
    }
    return position
  }

  #deliver(delivery: Delivery): void {
    if (this.rule === undefined) return this.invent(delivery)
    this.rule(delivery, (decided) => this.invent(decided))
  }
}

/** One session's connection to a {@link LocalHub}. */
export class LocalTransport implements Transport {
  readonly self: ParticipantId
  readonly #hub: LocalHub
  readonly #emitter = new Emitter<TransportEvents>()
  readonly #pending = new Map<MessageId, Outgoing>()

  get [Symbol.toStringTag](): string {
    return 'LocalTransport'
  }

  constructor(self: ParticipantId, hub: LocalHub) {
    this.self = self
    this.#hub = hub
  }

  on<T extends keyof TransportEvents>(
    type: T,
    handler: (event: TransportEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** Lets the hub tell something. */
  tell<T extends keyof TransportEvents>(type: T, event: TransportEvents[T]): void {
    this.#emitter.emit(type, event)
  }

  open({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        stopUp()
        stopEnded()
        signal?.removeEventListener('abort', abort)
      }
      const abort = (): void => {
        settle()
        reject(abortedError(signal))
        this.close()
      }
      const stopUp = this.on('up', () => {
        settle()
        resolve()
      })
      const stopEnded = this.on('ended', () => {
        settle()
        reject(new ClientError('ERR_CLIENT_CLOSED', undefined))
      })
      signal?.addEventListener('abort', abort)
      if (signal?.aborted) abort()
      else if (!this.#hub.connect(this)) this.tell('down', {})
    })
  }

  /** The connection is open (again): unacknowledged messages are sent, in order. */
  connected(event: TransportEvents['up']): void {
    this.tell('up', event)
    for (const message of this.#pending.values()) this.#offer(message)
  }

  canPublish(): boolean {
    return true
  }

  publish(message: Outgoing): boolean {
    this.#pending.set(message.id, message)
    this.#offer(message)
    return true
  }

  isPending(id: MessageId): boolean {
    return this.#pending.has(id)
  }

  /** Loses the connection without a word. */
  lose(): void {
    this.#hub.disconnect(this, 'lost')
    this.tell('down', {})
  }

  close(): void {
    this.#hub.disconnect(this, 'left')
    this.tell('ended', { reason: 'left' })
  }

  #offer(message: Outgoing): void {
    const position = this.#hub.accept(this, message)
    if (position === undefined) return
    this.#pending.delete(message.id)
    queueMicrotask(() => this.tell('acknowledged', { id: message.id, position }))
  }
}
