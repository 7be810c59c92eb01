/**
 * The names that questions offer for the next connections. spec S128
 *
 * @module
 */
import { createConnectionName } from './receiving-link.ts'

/** Each name is for one connection with each peer: what was sealed for a connection is never taken in another one. */
export class OfferedName {
  #name = ''
  #takers = new Set<string>()

  /** The name for the next question: the one of the last question, as long as nobody has taken it. */
  next(): string {
    if (this.#name === '' || this.#takers.size > 0) {
      this.#name = createConnectionName()
      this.#takers = new Set()
    }
    return this.#name
  }

  /** Whether the next connection with a peer may have this name. */
  isFree(name: string, peer: string): boolean {
    return name === this.#name && !this.#takers.has(peer)
  }

  /** The name of the next connection with a peer: that of the last question, which it may have heard, or else another one. */
  take(peer: string): string {
    if (this.#name === '' || this.#takers.has(peer)) return createConnectionName()
    this.#takers.add(peer)
    return this.#name
  }
}
