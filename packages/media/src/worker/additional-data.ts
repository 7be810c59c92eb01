import { concatBytes, uintToBytes } from '@conclave/base'

/**
 * The additional data of a frame, authenticated with its ciphertext: `header ‖ clear part ‖ label ‖ codec ‖ length
 * of the clear part`. The length, read from the end, keeps a clear part from passing for the start of another track's
 * label; the codec keeps the frames of one from the decoder of another. They stand in `scratch` where there is some and they fit:
 * the next call overwrites them. spec M4
 */
export function frameAdditionalData(
  parts: {
    readonly header: Uint8Array
    readonly clear: Uint8Array
    readonly label: Uint8Array
    readonly codec: number
  },
  scratch?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const { header, clear, label, codec } = parts
  const { length } = clear
  const labelAt = header.length + length
  const end = labelAt + label.length
  if (length >= LONG) {
    return concatBytes(header, clear, label, [codec], uintToBytes(length, 4), [LONG])
  }
  const fits = scratch !== undefined && end + 2 <= scratch.length
  const data = fits ? scratch.subarray(0, end + 2) : new Uint8Array(end + 2)
  data.set(header)
  data.set(clear, header.length)
  data.set(label, labelAt)
  data[end] = codec
  data[end + 1] = length
  return data
}

/** Is added to the codec where the sender signs its media: no frame passes for one of the other sort. spec M89 */
export const SIGNED = 0x80

/** Memory for the additional data of most frames: a header, 10 bytes of VP8, a label. */
export const SCRATCH_BYTES = 128

/** Says in the last byte that the length stands before it, in four bytes. */
const LONG = 255
