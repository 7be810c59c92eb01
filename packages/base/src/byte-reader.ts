/**
 * Reads fields in order and never throws: after the first one that does not fit, {@link ByteReader.ok} is
 * `false`, numbers are 0 and byte fields empty. You must check `ok` before you use what was read.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0
  #ok = true

  get [Symbol.toStringTag](): string {
    return 'ByteReader'
  }

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether every field so far was there. */
  get ok(): boolean {
    return this.#ok
  }

  /** How many bytes were read. */
  get at(): number {
    return this.#at
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    // A length computed from read values may be negative.
    if (!this.#ok || length < 0 || length > this.left) {
      this.#ok = false
      return new Uint8Array()
    }
    const field = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return field
  }

  /** A copy of the next bytes. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.take(length))
  }

  /** An unsigned integer of 1 to 8 bytes; one above 2^53 − 1 does not fit. */
  uint(size: number): number {
    let value = 0
    for (const byte of this.take(size)) value = value * 256 + byte
    if (value > Number.MAX_SAFE_INTEGER) this.#ok = false
    return this.#ok ? value : 0
  }
}
