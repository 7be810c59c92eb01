/** Concatenates into a fresh array. */
export function concatBytes(...parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
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

/** `lp(x)` of the specification: the bytes after their length as a u16; at most 65 535 of them. */
export function withLength(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([bytes.length >> 8, bytes.length & 255], bytes)
}

/** The bytes of text in UTF-8. */
export function textToBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
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
