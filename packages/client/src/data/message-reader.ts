/**
 * The messages in the numbered bytes of a participant. spec R175
 *
 * @module
 */
import { ByteReader, concatBytes } from '@conclave/base'

/** Takes each byte once and in order, and finds the messages. */
export class MessageReader {
  #taken: number
  #partial: Uint8Array[] = []
  #partialBytes = 0
  #isBroken = false

  /** @param at the number of the first byte to take */
  constructor(at: number) {
    this.#taken = at
  }

  /** The number of the byte that is expected next. */
  get taken(): number {
    return this.#taken
  }

  /** Where the message that is not complete begins. */
  get boundary(): number {
    return this.#taken - this.#partialBytes
  }

  /** Takes bytes, and hands out the messages that they complete. `repeated` ones came before, and before `missing` ones others should have come. */
  take(
    { first, offset, bytes }: { first: number; offset: number; bytes: Uint8Array },
    found: (message: Uint8Array<ArrayBuffer>) => void,
  ): 'taken' | 'repeated' | 'missing' | 'malformed' {
    if (this.#isBroken) return 'malformed'
    if (first > this.#taken) {
      // Its sender can no longer send them.
      this.#taken = first
      this.#clear()
    }
    if (offset > this.#taken) return 'missing'
    if (offset + bytes.length <= this.#taken) return 'repeated'
    const fresh = bytes.subarray(this.#taken - offset)
    this.#taken += fresh.length
    this.#partial.push(fresh)
    // A hostile sender may cut its messages into single bytes.
    if (this.#partial.length > MAX_PARTS) this.#partial = [concatBytes(...this.#partial)]
    this.#partialBytes += fresh.length
    return this.#read(found) ? 'taken' : 'malformed'
  }

  #read(found: (message: Uint8Array<ArrayBuffer>) => void): boolean {
    const wanted = this.#wanted()
    if (wanted > MAX_MESSAGE_BYTES) {
      this.#isBroken = true
      this.#clear()
      return false
    }
    if (this.#partialBytes < wanted + LENGTH_BYTES) return true
    const all = concatBytes(...this.#partial)
    const reader = new ByteReader(all)
    let end = 0
    const messages: Uint8Array<ArrayBuffer>[] = []
    for (;;) {
      const length = reader.uint(LENGTH_BYTES)
      if (reader.ok && length > MAX_MESSAGE_BYTES) this.#isBroken = true
      const message = reader.copy(length)
      if (!reader.ok) break
      messages.push(message)
      end = reader.at
    }
    this.#clear()
    if (!this.#isBroken && end < all.length) {
      this.#partial = [all.subarray(end)]
      this.#partialBytes = all.length - end
    }
    for (const message of messages) found(message)
    return !this.#isBroken
  }

  /** The length of the message that is not complete, as far as it is known. */
  #wanted(): number {
    const head =
      this.#partial.length > 1
        ? concatBytes(...this.#partial.slice(0, LENGTH_BYTES))
        : this.#partial[0]
    const reader = new ByteReader(head ?? new Uint8Array())
    return reader.uint(LENGTH_BYTES)
  }

  #clear(): void {
    this.#partial = []
    this.#partialBytes = 0
  }
}

const LENGTH_BYTES = 4
const MAX_PARTS = 64
/** The longest message: a value of 1 MiB, and its topic. */
const MAX_MESSAGE_BYTES = 1024 * 1024 + 1024
