/**
 * What is authenticated with a frame's ciphertext (spec M4).
 *
 * @module
 */
import { concatBytes } from '../bytes.ts'

/**
 * The additional data of a frame: `header ‖ prefix ‖ label ‖ length of the prefix`. The last byte keeps a
 * prefix from passing for the start of another track's label.
 */
export function frameAad(parts: {
  readonly header: Uint8Array
  readonly prefix: Uint8Array
  readonly label: Uint8Array
}): Uint8Array<ArrayBuffer> {
  const { header, prefix, label } = parts
  return concatBytes([header, prefix, label, Uint8Array.of(prefix.length)])
}
