import { concatBytes } from '@conclave/base'

/**
 * The additional data of a frame, authenticated with its ciphertext: `header ‖ prefix ‖ label ‖ length of the prefix`.
 * The last byte keeps a prefix from passing for the start of another track's label. spec M4
 */
export function frameAdditionalData(parts: {
  readonly header: Uint8Array
  readonly prefix: Uint8Array
  readonly label: Uint8Array
}): Uint8Array<ArrayBuffer> {
  const { header, prefix, label } = parts
  return concatBytes(header, prefix, label, [prefix.length])
}
