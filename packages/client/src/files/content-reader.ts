import { PART_BYTES, partLength } from '@conclave/e2ee/files'

/** Reads the chunks of a file in their order, a block at a time: small reads of a file on disk are slow. spec R203 */
export class ContentReader {
  readonly #file: Blob
  #block: { readonly at: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined

  get [Symbol.toStringTag](): string {
    return 'ContentReader'
  }

  constructor(file: Blob) {
    this.#file = file
  }

  /**
   * A copy of the chunk at a place.
   *
   * @throws the platform's error when the file cannot be read, or was changed
   */
  async read(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const start = index * PART_BYTES
    const at = start - (start % BLOCK_BYTES)
    if (this.#block?.at !== at) {
      this.#block = undefined
      const bytes = new Uint8Array(await this.#file.slice(at, at + BLOCK_BYTES).arrayBuffer())
      this.#block = { at, bytes }
    }
    const length = partLength(this.#file.size, index)
    const chunk = this.#block.bytes.slice(start - at, start - at + length)
    if (chunk.length !== length) throw new RangeError('the file has another length than it said')
    return chunk
  }

  /** Forgets the block: what is asked for next is read from the file. */
  forget(): void {
    this.#block = undefined
  }
}

const BLOCK_BYTES = 32 * PART_BYTES
