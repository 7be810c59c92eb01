import { concatBytes, textToBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'

/** The digest of a growing file: a hash that each sealed chunk goes into, so that it takes the same memory for all lengths. spec Q9 */
export class ChunkChain {
  #link: Uint8Array

  private constructor(link: Uint8Array) {
    this.#link = link
  }

  /** The chain of a file without a chunk. */
  static async begin(header: Uint8Array): Promise<ChunkChain> {
    return new ChunkChain(await hashBytes(concatBytes(LABEL, header)))
  }

  /** The digest of everything so far. */
  get digest(): Uint8Array {
    return this.#link
  }

  /** Adds the next chunk with its tag. */
  async add(sealed: Uint8Array): Promise<void> {
    this.#link = await hashBytes(concatBytes(this.#link, sealed))
  }
}

const LABEL: Uint8Array = textToBytes('conclave/1 growing file\0')
