/** The bytes of text in UTF-8; a lone surrogate becomes U+FFFD. */
export function textToBytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/**
 * The bytes of text in UTF-8, written into `scratch` if they fit there: the result is then a view of it, valid
 * until the next use of `scratch`.
 */
export function textToScratch(
  text: string,
  scratch: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (text.length <= scratch.length) {
    const { read, written } = encoder.encodeInto(text, scratch)
    if (read === text.length) return scratch.subarray(0, written)
  }
  return encoder.encode(text)
}

/** The text of UTF-8 bytes; `undefined`, not throws, for anything else. A byte order mark stays. */
export function decodeText(
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

/**
 * Text as a string of its UTF-8 bytes, one character for each byte: it writes fast, and its length is the number
 * of bytes. ASCII is its own byte string. Returns `undefined` for text with a lone surrogate: it has no UTF-8,
 * and an encoder would make it equal to other text.
 */
export function toByteString(text: string): string | undefined {
  if (isAscii(text)) return text
  if (!isWellFormed(text)) return undefined
  let binary = ''
  for (const byte of encoder.encode(text)) binary += String.fromCharCode(byte)
  return binary
}

/** Writes a byte string; returns where it ends. */
export function writeByteString(target: Uint8Array, start: number, binary: string): number {
  let at = start
  for (let index = 0; index < binary.length; index += 1) target[at++] = binary.charCodeAt(index)
  return at
}

/** Whether text has no lone surrogate, so that its UTF-8 is its own and no other text's. */
export function isWellFormed(text: string): boolean {
  const native = text as string & { isWellFormed?: () => boolean }
  if (native.isWellFormed !== undefined) return native.isWellFormed()
  return decoder.decode(encoder.encode(text)) === text
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) > 0x7f) return false
  return true
}

const encoder = new TextEncoder()
// A byte order mark is a character like any other here, or two texts would have the same bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
