/**
 * The key that this participant seals with, and its counter.
 *
 * @module
 */
import type { FrameCipher } from '../sframe/cipher.ts'

/**
 * One base key's cipher and the only counter that may be used with it. The frames of all tracks and connections
 * are numbered here, so no counter is used twice. spec M9
 */
export class SenderKey {
  readonly kid: bigint
  readonly cipher: FrameCipher
  #next: number

  /** `first` is for tests of the end of the counter; a key that was used must never be made again. */
  constructor(kid: bigint, options: { readonly cipher: FrameCipher; readonly first?: number }) {
    this.kid = kid
    this.cipher = options.cipher
    this.#next = options.first ?? 0
  }

  /** The counter for the next frame; `undefined` once all were used. Never the same twice. */
  nextCounter(): number | undefined {
    if (this.#next >= COUNTER_LIMIT) return undefined
    const counter = this.#next
    this.#next += 1
    return counter
  }
}

/** Counters of a base key lie below this; sealing ends here. spec M9 */
export const COUNTER_LIMIT: number = 2 ** 32
