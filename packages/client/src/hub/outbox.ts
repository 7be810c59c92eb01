/**
 * The messages that wait for the hub or for its acknowledgement, in order and bounded. spec R5
 *
 * @module
 */
import type { MessageId } from '@conclave/wire'
import type { Outgoing } from '../transport.ts'

/** Messages from being published until the hub has taken them over. */
export class Outbox {
  readonly #entryById = new Map<MessageId, { readonly message: Outgoing; sent: boolean }>()
  #bytes = 0

  /** Whether a message of this many bytes fits. */
  hasSpace(bytes: number): boolean {
    return this.#entryById.size < MAX_MESSAGES && this.#bytes + bytes <= MAX_BYTES
  }

  /** Appends a message that is not here yet; `false` when the outbox is full. */
  add(message: Outgoing): boolean {
    if (this.#entryById.has(message.id)) return true
    if (!this.hasSpace(message.payload.length)) return false
    this.#entryById.set(message.id, { message, sent: false })
    this.#bytes += message.payload.length
    return true
  }

  /** The oldest message that is still to be sent. */
  next(): Outgoing | undefined {
    for (const entry of this.#entryById.values()) if (!entry.sent) return entry.message
    return undefined
  }

  /** The message was handed to the connection. */
  markSent(id: MessageId): void {
    const entry = this.#entryById.get(id)
    if (entry !== undefined) entry.sent = true
  }

  /** The message has to be sent again. */
  markUnsent(id: MessageId): void {
    const entry = this.#entryById.get(id)
    if (entry !== undefined) entry.sent = false
  }

  /** A new connection has none of the messages that the old one was given. */
  markAllUnsent(): void {
    for (const entry of this.#entryById.values()) entry.sent = false
  }

  /** Forgets a message; `false` when it is not here. */
  remove(id: MessageId): boolean {
    const entry = this.#entryById.get(id)
    if (entry === undefined) return false
    this.#bytes -= entry.message.payload.length
    return this.#entryById.delete(id)
  }

  /** Whether a message is here. */
  has(id: MessageId): boolean {
    return this.#entryById.has(id)
  }
}

const MAX_MESSAGES = 2048
const MAX_BYTES = 8 * 1024 * 1024
