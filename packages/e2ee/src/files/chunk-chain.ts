import { concatBytes, textToBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'

/**
 * The link behind a chunk in a chain of hashes; behind the last one it is the digest of everything. It takes the same memory for
 * all lengths. spec Q9, F18
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function linkContent(
  link: Uint8Array,
  piece: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return hashBytes(concatBytes(link, piece))
}

/** The digest of a growing file: a hash that each sealed chunk goes into. spec Q9 */
export class ChunkChain {
  #link: Uint8Array

  private constructor(link: Uint8Array) {
    this.#link = link
  }

  /** The chain of a file without a chunk. */
  static async begin(header: Uint8Array): Promise<ChunkChain> {
    return new ChunkChain(await linkContent(LABEL, header))
  }

  /** The digest of everything so far. */
  get digest(): Uint8Array {
    return this.#link
  }

  /** Adds the next chunk with its tag. */
  async add(sealed: Uint8Array): Promise<void> {
    this.#link = await linkContent(this.#link, sealed)
  }
}

const LABEL: Uint8Array = textToBytes('conclave/1 growing file\0')
