/**
 * The length that Padmé pads to: at most 12 % longer, and one of few. From a length of n bits only the highest
 * log2(n) + 1 bits stay. Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
 * PURBs", PETS 2019, algorithm 1; spec P43
 */
export function padmeLength(length: number): number {
  if (length < 2) return length
  const exponent = Math.floor(Math.log2(length))
  const bits = Math.floor(Math.log2(exponent)) + 1
  const unit = 2 ** Math.max(0, exponent - bits)
  return Math.ceil(length / unit) * unit
}

/** How long something of this length is when it is padded. spec P43 */
export function paddedLength(length: number): number {
  return padmeLength(Math.max(length + 1, MIN_PADDED_BYTES))
}

/** The bytes, one byte 0x80, then zeros up to the length that {@link padmeLength} gives. ISO/IEC 7816-4 */
export function pad(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(paddedLength(bytes.length))
  padded.set(bytes)
  padded[bytes.length] = PADDING_MARK
  return padded
}

/** Takes padding off; `undefined`, not throws, for bytes that have none. */
export function unpad(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  let end = bytes.length - 1
  while (end >= 0 && bytes[end] === 0) end -= 1
  return bytes[end] === PADDING_MARK ? bytes.subarray(0, end) : undefined
}

/** The byte between the content and the zeros. ISO/IEC 7816-4 */
export const PADDING_MARK = 0x80

/** Without a least length the shortest texts ("yes", "no") would keep theirs. spec P43 */
const MIN_PADDED_BYTES = 64
