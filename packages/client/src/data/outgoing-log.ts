/**
 * The bytes that a participant has not confirmed, and where they go on. spec R175
 *
 * @module
 */
import { concatBytes } from '@conclave/base'

/** Messages as one stream of numbered bytes; each is kept until the whole of it is confirmed. */
export class OutgoingLog {
  readonly #messages: { readonly start: number; readonly bytes: Uint8Array }[] = []
  #end: number
  #confirmed: number
  #sent: number
  #bytes = 0

  /** @param at the number of the first byte */
  constructor(at: number) {
    this.#end = at
    this.#confirmed = at
    this.#sent = at
  }

  /** The number that the next byte gets. */
  get end(): number {
    return this.#end
  }

  /** The first byte that can still be sent. */
  get start(): number {
    return this.#messages[0]?.start ?? this.#end
  }

  /** Whether nothing waits for a confirmation. */
  get isIdle(): boolean {
    return this.#messages.length === 0
  }

  /** Appends a message; `false` without space. */
  add(bytes: Uint8Array): boolean {
    const isFree = this.#messages.length < MAX_MESSAGES && this.#bytes + bytes.length <= MAX_BYTES
    if (!isFree) return false
    this.#messages.push({ start: this.#end, bytes })
    this.#end += bytes.length
    this.#bytes += bytes.length
    return true
  }

  /** The next bytes to send, at most so many, as far as the window reaches; they count as sent. */
  next(most: number): { readonly offset: number; readonly bytes: Uint8Array } | undefined {
    const offset = this.#sent
    const to = Math.min(this.#end, offset + most, this.#confirmed + WINDOW_BYTES)
    if (to <= offset) return undefined
    const parts = this.#messages
      .filter(({ start, bytes }) => start < to && start + bytes.length > offset)
      .map(({ start, bytes }) => bytes.subarray(Math.max(0, offset - start), to - start))
    this.#sent = to
    return { offset, bytes: concatBytes(...parts) }
  }

  /** Everything below `upTo` came; `false` when that is no news. */
  confirm(upTo: number): boolean {
    if (upTo <= this.#confirmed || upTo > this.#end) return false
    this.#confirmed = upTo
    this.#sent = Math.max(this.#sent, upTo)
    for (let [first] = this.#messages; first !== undefined; [first] = this.#messages) {
      if (first.start + first.bytes.length > upTo) break
      this.#messages.shift()
      this.#bytes -= first.bytes.length
    }
    return true
  }

  /** Sends again from the last confirmation on or, `toMessage`, from the beginning of its message. */
  goBack({ toMessage = false }: { readonly toMessage?: boolean } = {}): void {
    if (toMessage) this.#confirmed = Math.min(this.#confirmed, this.start)
    this.#sent = Math.min(this.#sent, this.#confirmed)
  }
}

const MAX_MESSAGES = 1024
const MAX_BYTES = 4 * 1024 * 1024
/** Bytes that are on their way at once. */
const WINDOW_BYTES = 512 * 1024
