/**
 * The IVs of one key in this worker. spec M80
 *
 * @module
 */
import { NONCE_BYTES } from '@conclave/crypto'

/**
 * Numbers the frames of a key: four random bytes, a counter of four bytes that begins anywhere, four random bytes. No IV is given
 * twice; those of another source differ unless 64 random bits are the same.
 */
export class IvSource {
  readonly #first: Uint8Array<ArrayBuffer>
  #given: number

  /** Takes 12 random bytes, and keeps them. `given` is for tests of the end of the counter. */
  constructor(first: Uint8Array<ArrayBuffer>, given = 0) {
    this.#first = first
    this.#given = given
  }

  /** The IV of the next frame; `undefined` once all were given. */
  next(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#given >= COUNTER_LIMIT) return undefined
    const iv = this.#first.slice()
    const view = new DataView(iv.buffer)
    // Goes round at 2^32.
    view.setUint32(COUNTER_AT, view.getUint32(COUNTER_AT) + this.#given)
    this.#given += 1
    return iv
  }

  /** Whether an IV could be one that this source gives. */
  couldGive(iv: Uint8Array): boolean {
    return this.#first.every(
      (byte, at) => (at >= COUNTER_AT && at < COUNTER_END) || iv[at] === byte,
    )
  }
}

/** How many random bytes a source takes. */
export const IV_SOURCE_BYTES: number = NONCE_BYTES

const COUNTER_AT = 4
const COUNTER_END = 8
const COUNTER_LIMIT: number = 2 ** 32
