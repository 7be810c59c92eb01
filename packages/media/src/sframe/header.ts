/**
 * The SFrame header: which key, and which counter under it (RFC 9605 §4.3).
 *
 * ```text
 * X KKK Y CCC   config: K (or the length of the KID less one, if X), C likewise for the counter
 * KID           0 or 1 to 8 bytes, most significant first
 * CTR           0 or 1 to 8 bytes
 * ```
 *
 * @module
 */

/** A decoded header and how many bytes it took. */
export interface SFrameHeader {
  readonly kid: bigint
  readonly ctr: bigint
  readonly length: number
}

/**
 * Writes the shortest header for a key id and a counter, 1 to 17 bytes.
 *
 * @throws RangeError if either does not fit in 64 bits.
 */
export function encodeSFrameHeader(kid: bigint, ctr: bigint): Uint8Array<ArrayBuffer> {
  const kidBytes = bytesBeyondConfig('kid', kid)
  const ctrBytes = bytesBeyondConfig('ctr', ctr)
  const header = new Uint8Array(1 + kidBytes + ctrBytes)
  header[0] = (nibble(kid, kidBytes) << 4) | nibble(ctr, ctrBytes)
  writeInteger(header.subarray(1, 1 + kidBytes), kid)
  writeInteger(header.subarray(1 + kidBytes), ctr)
  return header
}

/**
 * Decodes the header at the start of `bytes`, whatever follows. Returns `undefined`, not
 * throws, when it is truncated or not the shortest encoding of its values.
 */
export function decodeSFrameHeader(bytes: Uint8Array): SFrameHeader | undefined {
  const config = bytes[0]
  if (config === undefined) return undefined
  const kid = readField(bytes, { offset: 1, nibble: config >> 4 })
  if (!kid) return undefined
  const ctr = readField(bytes, { offset: kid.end, nibble: config & 0x0f })
  return ctr && { kid: kid.value, ctr: ctr.value, length: ctr.end }
}

const bytesBeyondConfig = (name: string, value: bigint): number => {
  if (value < 0n || value > MAX_INTEGER) {
    throw new RangeError(`"${name}" expected an integer of 64 bits without sign`)
  }
  if (value < 8n) return 0
  if (value < 0x1_0000_0000n) return bytesOf(Number(value))
  return 4 + bytesOf(Number(value >> 32n))
}

const bytesOf = (value: number): number =>
  value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x100_0000 ? 3 : 4

const nibble = (value: bigint, length: number): number =>
  length === 0 ? Number(value) : 8 | (length - 1)

const writeInteger = (target: Uint8Array, value: bigint): void => {
  let rest = value
  for (let end = target.length; end > 0; end -= 4, rest >>= 32n) {
    let low = Number(rest & 0xffff_ffffn)
    for (let at = end - 1; at >= Math.max(0, end - 4); at -= 1, low >>>= 8) target[at] = low & 0xff
  }
}

const readField = (
  bytes: Uint8Array,
  field: { readonly offset: number; readonly nibble: number },
): { readonly value: bigint; readonly end: number } | undefined => {
  const small = field.nibble & 7
  if ((field.nibble & 8) === 0) return { value: BigInt(small), end: field.offset }
  const end = field.offset + small + 1
  if (end > bytes.length) return undefined
  // Two numbers and one BigInt: frames are read all the time, and a BigInt for each byte costs more than the rest.
  let [high, low] = [0, 0]
  for (let at = field.offset; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (end - at > 4) high = high * 256 + byte
    else low = low * 256 + byte
  }
  const first = bytes[field.offset] ?? 0
  const isShortest = small === 0 ? first >= 8 : first > 0
  if (!isShortest) return undefined
  const value = high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low)
  return { value, end }
}

const MAX_INTEGER = 2n ** 64n - 1n
