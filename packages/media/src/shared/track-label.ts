/**
 * The name of a track as its frames authenticate it (spec M4).
 *
 * @module
 */

/** The label of a track as it is authenticated: UTF-8, 1 to 64 bytes. */
export function encodeTrackLabel(label: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(label)
  if (bytes.length === 0 || bytes.length > MAX_LABEL_BYTES) {
    throw new RangeError(`"label" expected 1 to ${MAX_LABEL_BYTES} bytes, got ${bytes.length}`)
  }
  return bytes
}

const MAX_LABEL_BYTES = 64
