/**
 * Messages to the room that overtook the key which opens them: they wait for it, within a bound. spec R57
 *
 * @module
 */

/** Sealed messages of one sender, with the sequences that they claim. */
export class HeldMessages {
  #messages: HeldMessage[] = []
  #bytes = 0

  /** Keeps a message; `false` when there is no space. */
  hold(message: HeldMessage): boolean {
    const bytes = this.#bytes + message.payload.length
    if (this.#messages.length >= MAX_HELD.messages || bytes > MAX_HELD.bytes) return false
    this.#messages.push(message)
    this.#bytes = bytes
    return true
  }

  /** Removes and returns all, in the order of their sequences: so none of them makes a gap before another one. */
  take(): readonly Uint8Array[] {
    const messages = this.#messages.toSorted((left, right) => left.sequence - right.sequence)
    this.#messages = []
    this.#bytes = 0
    return messages.map(({ payload }) => payload)
  }
}

interface HeldMessage {
  readonly sequence: number
  readonly payload: Uint8Array
}

const MAX_HELD = { messages: 64, bytes: 256 * 1024 }
