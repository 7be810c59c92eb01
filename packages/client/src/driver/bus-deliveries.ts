/**
 * The messages of this session until everybody who is here has them. spec S72, S73
 *
 * @module
 */
import { type Clock, backoffMs } from '@conclave/base'
import type { MessageId, ParticipantId } from '@conclave/wire'
import { Outbox } from '../hub/outbox.ts'
import type { Outgoing } from '../transport.ts'

/** The needs of {@link BusDeliveries}. */
export interface BusDeliveriesOptions {
  readonly clock: Clock
  /** The sessions that are here. */
  readonly here: () => readonly ParticipantId[]
  /** Emits a message; answers whether the driver took it. */
  readonly emit: (message: Outgoing, sequence: number) => Promise<boolean>
  readonly acknowledged: (id: MessageId) => void
  readonly refused: (id: MessageId) => void
  readonly absent: (id: MessageId) => void
}

/** Emits messages, and repeats them until each recipient has confirmed them. */
export class BusDeliveries {
  readonly outbox: Outbox = new Outbox()
  readonly #options: BusDeliveriesOptions
  /** By sequence, which rises: the oldest comes first. */
  readonly #openBySequence = new Map<number, OpenDelivery>()
  #next = 0
  #isUp = false
  #timer: unknown

  constructor(options: BusDeliveriesOptions) {
    this.#options = options
  }

  /** The driver works: what waits is emitted, and what is open repeated. */
  up(): void {
    this.#isUp = true
    const nowMs = this.#options.clock.now()
    for (const open of this.#openBySequence.values()) open.dueAtMs = nowMs
    this.flush()
  }

  /** Nothing is emitted until the driver works again. */
  down(): void {
    this.#isUp = false
    this.#options.clock.clearTimeout(this.#timer)
  }

  /** Emits what waits, as far as receivers can tell it from repetitions. */
  flush(): void {
    if (!this.#isUp) return
    for (let next = this.outbox.next(); next !== undefined; next = this.outbox.next()) {
      const [oldest] = this.#openBySequence.keys()
      if (this.#next - (oldest ?? this.#next) >= MAX_SPAN) break
      this.outbox.markSent(next.id)
      this.#begin(next)
    }
    this.#setTimer()
  }

  /** A session confirms messages. */
  confirmed(by: ParticipantId, sequences: readonly number[]): void {
    for (const sequence of sequences) {
      const open = this.#openBySequence.get(sequence)
      if (open?.missing.delete(by) === true) this.#settle(open)
    }
    this.flush()
  }

  /** A session is no longer here: nobody waits for it. */
  gone(id: ParticipantId): void {
    for (const open of [...this.#openBySequence.values()]) {
      if (open.missing.delete(id)) this.#settle(open)
    }
    this.flush()
  }

  /** Emits nothing from now on. */
  close(): void {
    this.down()
    this.#openBySequence.clear()
  }

  #begin(message: Outgoing): void {
    const here = this.#options.here()
    const { to, id } = message
    // It is repeated when its receiver is back. spec R9
    if (to !== undefined && !here.includes(to)) {
      this.outbox.remove(id)
      return this.#options.absent(id)
    }
    const sequence = this.#next
    this.#next += 1
    const missing = new Set(to === undefined ? here : [to])
    const open: OpenDelivery = { message, sequence, missing, tries: 0, dueAtMs: 0, hasLeft: false }
    this.#openBySequence.set(sequence, open)
    this.#emit(open)
  }

  #emit(open: OpenDelivery): void {
    open.dueAtMs = this.#options.clock.now() + backoffMs(open.tries, REPEAT_PAUSE)
    open.tries += 1
    void this.#options.emit(open.message, open.sequence).then((isTaken) => {
      open.hasLeft ||= isTaken
      if (!isTaken) open.tries -= 1
      this.#settle(open)
    })
  }

  /** Everybody has it, and nobody was there for whom it has to leave this device. */
  #settle({ message, sequence, missing, hasLeft }: OpenDelivery): void {
    if (missing.size > 0 || !hasLeft || !this.#openBySequence.delete(sequence)) return
    this.outbox.remove(message.id)
    this.#options.acknowledged(message.id)
  }

  #repeat(): void {
    const nowMs = this.#options.clock.now()
    for (const open of [...this.#openBySequence.values()]) {
      if (open.dueAtMs > nowMs) continue
      if (open.tries < MAX_TRIES) this.#emit(open)
      else this.#refuse(open)
    }
    this.flush()
  }

  #refuse({ message, sequence }: OpenDelivery): void {
    this.#openBySequence.delete(sequence)
    this.outbox.remove(message.id)
    this.#options.refused(message.id)
  }

  #setTimer(): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#timer)
    if (this.#openBySequence.size === 0) return
    const dueAtMs = Math.min(...[...this.#openBySequence.values()].map((open) => open.dueAtMs))
    this.#timer = clock.setTimeout(() => this.#repeat(), Math.max(0, dueAtMs - clock.now()))
  }
}

/** A message that somebody has not confirmed. */
interface OpenDelivery {
  readonly message: Outgoing
  readonly sequence: number
  /** Those who were here when it was emitted first, and have not confirmed it. */
  readonly missing: Set<ParticipantId>
  tries: number
  dueAtMs: number
  /** Whether the driver took it. */
  hasLeft: boolean
}

/** The sequences of open messages lie so close that no receiver takes an old one for a repetition. spec S72 */
const MAX_SPAN = 512
const REPEAT_PAUSE = { firstMs: 250, maxMs: 2000 }
/** Something more than a minute. spec S73 */
const MAX_TRIES = 36
