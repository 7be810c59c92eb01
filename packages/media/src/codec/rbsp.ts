/**
 * Emulation prevention of H.264 (§7.4.1): no two zero bytes are followed by 0, 1, 2 or 3 without a 3 between them, so that
 * nothing within a NAL unit looks like the start of one. spec M48
 *
 * @module
 */

/**
 * Escapes the bytes from `start`; those before it stand in front of them as they are. Returns the array itself where there
 * is nothing to escape: with ciphertext, nearly always.
 */
export function escapeRbsp(bytes: Uint8Array<ArrayBuffer>, start: number): Uint8Array<ArrayBuffer> {
  let count = 0
  for (let at = nextEmulation(bytes, start); at < bytes.length; at = nextAfterBreak(bytes, at)) {
    count += 1
  }
  if (count === 0) return bytes
  const escaped = new Uint8Array(bytes.length + count)
  let [from, to] = [0, 0]
  for (let at = nextEmulation(bytes, start); at < bytes.length; at = nextAfterBreak(bytes, at)) {
    escaped.set(bytes.subarray(from, at), to)
    to += at - from
    escaped[to] = ESCAPE
    to += 1
    from = at
  }
  escaped.set(bytes.subarray(from), to)
  return escaped
}

/**
 * Takes the escapes out again, from `start` to the end; the result begins there. `undefined` for bytes that
 * `escapeRbsp` does not write: a start code, or an escape without need.
 */
export function unescapeRbsp(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
): Uint8Array<ArrayBuffer> | undefined {
  let count = 0
  for (let at = nextEmulation(bytes, start); at < bytes.length; at = nextAfterEscape(bytes, at)) {
    const escaped = bytes[at + 1]
    if (bytes[at] !== ESCAPE || escaped === undefined || escaped > ESCAPE) return undefined
    count += 1
  }
  if (count === 0) return bytes.subarray(start)
  const plain = new Uint8Array(bytes.length - start - count)
  let [from, to] = [start, 0]
  for (let at = nextEmulation(bytes, start); at < bytes.length; at = nextAfterEscape(bytes, at)) {
    plain.set(bytes.subarray(from, at), to)
    to += at - from
    from = at + 1
  }
  plain.set(bytes.subarray(from), to)
  return plain
}

/** The first byte from `start` that is at most 3 and follows two zeros; the length of `bytes` if there is none. */
function nextEmulation(bytes: Uint8Array, start: number): number {
  return find(bytes, start, 0)
}

/** The byte at `at` stands behind an escape now: zeros are counted from it on. */
const nextAfterBreak = (bytes: Uint8Array, at: number): number => find(bytes, at + 2, at)

/** The byte at `at` is an escape: zeros are counted from the next one on. */
const nextAfterEscape = (bytes: Uint8Array, at: number): number => find(bytes, at + 3, at + 1)

/** As {@link nextEmulation}, without the zeros before `floor`. Most steps pass over three bytes. */
function find(bytes: Uint8Array, start: number, floor: number): number {
  const { length } = bytes
  let at = Math.max(start, floor + 2)
  while (at < length) {
    const byte = bytes[at] ?? 0
    if (byte <= ESCAPE && bytes[at - 1] === 0 && bytes[at - 2] === 0) return at
    // Only a zero can be one of the two before a later byte.
    at += byte === 0 ? 1 : 3
  }
  return length
}

/** `emulation_prevention_three_byte`, and the greatest byte that needs one before it. */
const ESCAPE = 3
