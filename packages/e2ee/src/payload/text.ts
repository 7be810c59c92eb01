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
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

/** UTF-8 bytes of any text; halves of surrogate pairs become U+FFFD. Within `room` if they fit there. */
export function writeText(text: string, room?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (room !== undefined && text.length <= room.length) {
    const { read, written } = encoder.encodeInto(text, room)
    if (read === text.length) return room.subarray(0, written)
  }
  return encoder.encode(text)
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) > 0x7f) return false
  return true
}

const encoder = new TextEncoder()
// A byte order mark is a character like any other here, or two texts would have the same bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
