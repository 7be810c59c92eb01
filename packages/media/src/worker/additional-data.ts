import { concatBytes, uintToBytes } from '@conclave/base'

/**
 * The additional data of a frame, authenticated with its ciphertext: `header ‖ clear part ‖ label ‖ codec ‖ length
 * of the clear part`. The length, read from the end, keeps a clear part from passing for the start of another track's
 * label; the codec keeps the frames of one from the decoder of another. spec M4
 */
export function frameAdditionalData(parts: {
  readonly header: Uint8Array
  readonly clear: Uint8Array
  readonly label: Uint8Array
  readonly codec: number
}): Uint8Array<ArrayBuffer> {
  const { header, clear, label, codec } = parts
  const { length } = clear
  if (length < LONG) return concatBytes(header, clear, label, [codec, length])
  return concatBytes(header, clear, label, [codec], uintToBytes(length, 4), [LONG])
}

/** Says in the last byte that the length stands before it, in four bytes. */
const LONG = 255
