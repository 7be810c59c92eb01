/**
 * The latest messages of a stream, kept so that they can be repeated byte for byte. spec R9
 *
 * @module
 */
import type { MessageId } from '@conclave/wire'
import type { Outgoing } from '../transport.ts'

/** The sealed messages of one stream, oldest first, bounded in number and bytes. */
export class SendLog {
  #entries: SentMessage[] = []
  #bytes = 0
  #next = 0

  /** Keeps a message; the oldest ones make room. Sequences must come in order. */
  add(sequence: number, message: Outgoing): void {
    const { id, payload } = message
    this.#entries.push({ sequence, id, payload })
    this.#bytes += payload.length
    this.#next = sequence + 1
    while (this.#entries.length > MAX_MESSAGES || this.#bytes > MAX_BYTES) {
      this.#bytes -= this.#entries.shift()?.payload.length ?? 0
    }
  }

  /** The lowest sequence that can still be repeated; the next one to come when there is none. */
  get oldest(): number {
    return this.#entries[0]?.sequence ?? this.#next
  }

  /** Everything from `sequence` on that is still here. */
  since(sequence: number): readonly SentMessage[] {
    return this.#entries.filter((entry) => entry.sequence >= sequence)
  }
}

/** A message that can be repeated. */
export interface SentMessage {
  readonly sequence: number
  /** Under which it was published. */
  readonly id: MessageId
  readonly payload: Uint8Array
}

const MAX_MESSAGES = 512
const MAX_BYTES = 1024 * 1024
