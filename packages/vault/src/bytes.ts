/** Concatenates into a fresh array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const part of parts) length += part.length
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The bytes of text in UTF-8. */
export function textToBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/** The text of UTF-8 bytes; `undefined` when they are not UTF-8. Nothing is stripped. */
export function bytesToText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** An unsigned integer of 1 to 8 bytes, big-endian; the caller has checked the range. */
export function uint(size: number, value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let rest = value
  for (let at = size - 1; at >= 0; at -= 1) {
    bytes[at] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return bytes
}

/** Fresh random bytes. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** Whether a value is a `Uint8Array` (a `Buffer` too), of this realm or another. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === 'Uint8Array'
}

/**
 * Checks an argument and copies it, so that what the caller does with its array later changes nothing.
 *
 * @throws TypeError when the value is no `Uint8Array`, or not of this length; never shows its content
 */
export function copyBytes(name: string, value: unknown, length?: number): Uint8Array<ArrayBuffer> {
  const wanted = length === undefined ? 'Uint8Array' : `Uint8Array of length ${length}`
  if (!isBytes(value)) throw new TypeError(`"${name}" expected ${wanted}, got type=${typeof value}`)
  if (length !== undefined && value.length !== length) {
    throw new TypeError(`"${name}" expected ${wanted}, got length=${value.length}`)
  }
  return new Uint8Array(value)
}

/** Whether both hold the same bytes. For public values only: it stops at the first difference. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** Negative, zero or positive: the order of bytes, a beginning before what continues it. */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const shared = Math.min(one.length, other.length)
  for (let at = 0; at < shared; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}
