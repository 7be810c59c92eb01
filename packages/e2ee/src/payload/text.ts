/**
 * Text as a string of its UTF-8 bytes, one character for each, which writes fast and whose length is the
 * number of bytes; ASCII is its own. Returns `undefined` for text with half of a surrogate pair: it has no
 * UTF-8, and an encoder would make it equal to other text.
 */
export function toByteString(text: string): string | undefined {
  if (isAscii(text)) return text
  const bytes = encoder.encode(text)
  if (decoder.decode(bytes) !== text) return undefined
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return binary
}

/** Writes a byte string; returns where it ends. */
export function writeByteString(target: Uint8Array, start: number, binary: string): number {
  let at = start
  for (let index = 0; index < binary.length; index += 1) target[at++] = binary.charCodeAt(index)
  return at
}

/** The text of UTF-8 bytes; `undefined`, not throws, for anything else. */
export function readText(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
): string | undefined {
  if (end - start > SHORT) return decode(bytes.subarray(start, end))
  let text = ''
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte > 0x7f) return decode(bytes.subarray(start, end))
    text += String.fromCharCode(byte)
  }
  return text
}

/** UTF-8 bytes of any text; halves of surrogate pairs become U+FFFD. */
export function writeText(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) > 0x7f) return false
  return true
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** Up to here a loop is faster than the call of a decoder. */
const SHORT = 32
const encoder = new TextEncoder()
// A byte order mark is a character like any other here, or two texts would have the same bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
