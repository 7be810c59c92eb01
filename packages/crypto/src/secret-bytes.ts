import { copyBytes } from '@conclave/base'

/**
 * Secret bytes that do not slip into logs: text and JSON show the name of their class. Each kind of secret extends it
 * and names itself.
 */
export abstract class SecretBytes {
  /** The name of the class, which tells kinds of secrets apart. */
  abstract readonly [Symbol.toStringTag]: string
  readonly #bytes: Uint8Array<ArrayBuffer>

  /**
   * @param bytes from a cryptographically secure source; copied
   * @throws TypeError for anything but `length` bytes
   */
  constructor(bytes: Uint8Array, length: number) {
    this.#bytes = copyBytes('bytes', bytes, length)
  }

  /** A copy of the secret. You must overwrite it (`fill(0)`) when it is no longer needed. */
  unsafeExport(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes)
  }

  /** The name of the class, never the secret. */
  toString(): string {
    return `[${this[Symbol.toStringTag]}]`
  }

  /** The name of the class, never the secret. */
  toJSON(): string {
    return this.toString()
  }
}
