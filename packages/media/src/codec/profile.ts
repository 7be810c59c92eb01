/**
 * How a sealed frame looks in a codec. spec M5, M6
 *
 * @module
 */

/** A frame in two parts. */
export interface SplitFrame {
  /** Stays clear, and is authenticated. */
  readonly clear: Uint8Array
  /** Of an encoder's frame, the bytes to seal; of a sealed one, SFrame header, ciphertext and tag. */
  readonly rest: Uint8Array<ArrayBuffer>
}

/** The reason why a frame cannot be split. */
export type SplitFault = 'too-short' | 'malformed'

/** Choices of the sender. */
export interface SealingChoices {
  /** Leaves the first byte of VP9 frames clear. spec M45 */
  readonly hasClearVp9Byte?: boolean
}

/**
 * The sealing rule of one codec. Its functions take any bytes, never throw, and take time in proportion to their
 * number. The clear part that `unwrap` finds is a function of bytes which are authenticated.
 */
export interface CodecProfile {
  readonly mimeType: string
  /** The codec in the additional data. spec M4 */
  readonly id: number
  /** Splits an encoder's frame. */
  split(
    this: void,
    frame: Uint8Array<ArrayBuffer>,
    choices: SealingChoices,
  ): SplitFrame | SplitFault
  /** Puts a sealed frame together as the packetizer takes it; in fresh memory. */
  wrap(this: void, clear: Uint8Array, header: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer>
  /** Splits a frame that the depacketizer made. */
  unwrap(this: void, data: Uint8Array<ArrayBuffer>): SplitFrame | SplitFault
  /** Puts a frame for the decoder together. */
  restore(this: void, clear: Uint8Array, plain: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>
}
