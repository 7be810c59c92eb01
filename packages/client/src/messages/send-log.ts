/**
 * The latest messages of a stream, kept so that they can be repeated byte for byte. spec R9
 *
 * @module
 */
import type { MessageId } from '@conclave/wire'
import { BOUNDS, type MessageBound } from '../bounds.ts'

/** The sealed messages of one stream, oldest first, bounded in number and bytes. */
export class SendLog {
  readonly #entries: SentMessage[] = []
  #bytes = 0
  #next = 0
  #oldest = 0

  /** Keeps a message; the oldest ones make room. Sequences must come in order. */
  add(message: SentMessage): void {
    this.#entries.push(message)
    this.#bytes += message.payload.length
    this.#next = message.sequence + 1
    while (this.#entries.length > BOUNDS.sendLog.messages || this.#bytes > BOUNDS.sendLog.bytes) {
      this.#dropOldest()
    }
  }

  /** Whether so many messages push out none for which `isNeeded` answers `true`. spec R5 */
  hasSpace({ messages, bytes }: MessageBound, isNeeded: (id: MessageId) => boolean): boolean {
    let spare = BOUNDS.sendLog.bytes - this.#bytes - bytes
    let places = BOUNDS.sendLog.messages - this.#entries.length - messages
    for (const { id, payload } of this.#entries) {
      if (spare >= 0 && places >= 0) return true
      if (isNeeded(id)) return false
      spare += payload.length
      places += 1
    }
    return spare >= 0 && places >= 0
  }

  /** Forgets all messages before `sequence`, which has no message: sealing it failed. */
  skipTo(sequence: number): void {
    while (this.#entries.length > 0) this.#dropOldest()
    this.#oldest = sequence
    this.#next = sequence
  }

  /** Forgets the messages before `sequence`: nobody can open them now. */
  giveUp(sequence: number): void {
    while ((this.#entries[0]?.sequence ?? sequence) < sequence) this.#dropOldest()
    this.#oldest = Math.max(this.#oldest, sequence)
    this.#next = Math.max(this.#next, sequence)
  }

  /** The sequence after the last one that is known here. */
  get end(): number {
    return this.#next
  }

  /** The sequence after the last message that is not a hello. */
  get next(): number {
    return (this.#entries.findLast(({ isHello }) => !isHello)?.sequence ?? this.#oldest - 1) + 1
  }

  /** All messages below this sequence that are no longer kept are lost to a receiver that has not got them. */
  get oldest(): number {
    return this.#oldest
  }

  /** The sequence of the first message that is not a hello; if none is kept, the end of the log. */
  get first(): number {
    return this.#entries.find(({ isHello }) => !isHello)?.sequence ?? this.#next
  }

  /** Everything from `sequence` on that is still here, but for a hello that nothing follows. */
  since(sequence: number): readonly SentMessage[] {
    const from = Math.max(sequence, this.first)
    const last = this.#entries.at(-1)
    return this.#entries.filter(
      (entry) => entry.sequence >= from && !(entry.isHello && entry === last),
    )
  }

  #dropOldest(): void {
    const dropped = this.#entries.shift()
    if (dropped === undefined) return
    this.#bytes -= dropped.payload.length
    if (!dropped.isHello) this.#oldest = dropped.sequence + 1
  }
}

/** A message that can be repeated. */
export interface SentMessage {
  readonly sequence: number
  /** A hello only takes a place in the stream; a newer one says all that it said. */
  readonly isHello: boolean
  /** Nothing that follows opens before it. */
  readonly isKey: boolean
  /** Under which it was published. */
  readonly id: MessageId
  readonly payload: Uint8Array
}
