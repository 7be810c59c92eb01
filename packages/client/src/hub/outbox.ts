/**
 * The messages that wait for the hub or for its acknowledgement, in order and bounded. spec R5
 *
 * @module
 */
import type { MessageId } from '@conclave/wire'
import { BOUNDS, type MessageBound } from '../bounds.ts'
import type { Outgoing } from '../transport.ts'

/** Messages from being published until the hub has taken them over. */
export class Outbox<Message extends Outgoing = Outgoing> {
  readonly #entryById = new Map<MessageId, Entry<Message>>()
  readonly #repetitions = { messages: 0, bytes: 0 }
  #bytes = 0
  #sent = 0
  /** Urgent messages that are still to be sent. */
  #urgent = 0

  /** How many messages were handed to the connection and wait for their acknowledgement. */
  get sent(): number {
    return this.#sent
  }

  /** Whether a message of this many bytes fits. */
  hasSpace(bytes: number): boolean {
    return fits(BOUNDS.outbox, { messages: this.#entryById.size, bytes: this.#bytes + bytes })
  }

  /** Appends a message that is not here yet; `false` when the outbox is full. */
  add(message: Message): boolean {
    if (this.#entryById.has(message.id)) return true
    const { length } = message.payload
    if (!this.hasSpace(length)) return false
    if (message.isRepetition === true && !this.#hasSpaceForRepetition(length)) return false
    this.#entryById.set(message.id, { message, sent: false })
    this.#count(message, 1)
    if (message.isUrgent === true) this.#urgent += 1
    return true
  }

  /**
   * The oldest message that is still to be sent, and that can be: first those that are urgent; repetitions come after all others,
   * and data after these. spec R28, R171, R187
   */
  next(canBeSent: (message: Message) => boolean = () => true): Message | undefined {
    const oldest: (Message | undefined)[] = []
    const first = this.#urgent > 0 ? 0 : 1
    for (const { message, sent } of this.#entryById.values()) {
      if (sent || !canBeSent(message)) continue
      const rank = rankOf(message)
      if (rank <= first) return message
      oldest[rank] ??= message
    }
    return oldest.find((message) => message !== undefined)
  }

  /** The message was handed to the connection. */
  markSent(id: MessageId): void {
    this.#mark(this.#entryById.get(id), true)
  }

  /** The message has to be sent again. */
  markUnsent(id: MessageId): void {
    this.#mark(this.#entryById.get(id), false)
  }

  /** A new connection has none of the messages that the old one was given. */
  markAllUnsent(): void {
    for (const entry of this.#entryById.values()) this.#mark(entry, false)
  }

  /** Forgets a message; `false` when it is not here. */
  remove(id: MessageId): boolean {
    const entry = this.#entryById.get(id)
    if (entry === undefined) return false
    this.#mark(entry, false)
    this.#count(entry.message, -1)
    if (entry.message.isUrgent === true) this.#urgent -= 1
    return this.#entryById.delete(id)
  }

  /** A message that is here. */
  get(id: MessageId): Message | undefined {
    return this.#entryById.get(id)?.message
  }

  /** The messages that are here and pass a test, in order. */
  filter(passes: (message: Message) => boolean): readonly Message[] {
    return [...this.#entryById.values()].flatMap(({ message }) =>
      passes(message) ? [message] : [],
    )
  }

  /** Whether a message is here. */
  has(id: MessageId): boolean {
    return this.#entryById.has(id)
  }

  #mark(entry: Entry<Message> | undefined, sent: boolean): void {
    if (entry === undefined || entry.sent === sent) return
    entry.sent = sent
    this.#sent += sent ? 1 : -1
    if (entry.message.isUrgent === true) this.#urgent -= sent ? 1 : -1
  }

  #hasSpaceForRepetition(bytes: number): boolean {
    const { messages, bytes: before } = this.#repetitions
    return fits(BOUNDS.repetitions, { messages, bytes: before + bytes })
  }

  #count({ payload, isRepetition }: Outgoing, sign: 1 | -1): void {
    this.#bytes += sign * payload.length
    if (isRepetition !== true) return
    this.#repetitions.messages += sign
    this.#repetitions.bytes += sign * payload.length
  }
}

interface Entry<Message> {
  readonly message: Message
  sent: boolean
}

/** Urgent messages, messages, repetitions, data. */
const rankOf = ({ isUrgent, isRepetition, isData }: Outgoing): 0 | 1 | 2 | 3 => {
  if (isUrgent === true) return 0
  if (isData === true) return 3
  return isRepetition === true ? 2 : 1
}

/** Whether one more message fits beside `messages`; `bytes` include it. */
const fits = (bound: MessageBound, { messages, bytes }: MessageBound): boolean =>
  messages < bound.messages && bytes <= bound.bytes
