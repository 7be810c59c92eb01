/** Base64url text of the bytes, without padding. RFC 4648 §5 */
export function encodeBase64Url(bytes: Uint8Array): string {
  const native = bytes as Uint8Array & NativeEncoder
  if (native.toBase64 !== undefined) {
    return native.toBase64({ alphabet: 'base64url', omitPadding: true })
  }
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index
    const group =
      (byteAt(bytes, index) << 16) | (byteAt(bytes, index + 1) << 8) | byteAt(bytes, index + 2)
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63)
    if (left > 1) text += ALPHABET.charAt((group >> 6) & 63)
    if (left > 2) text += ALPHABET.charAt(group & 63)
  }
  return text
}

/**
 * The bytes of base64url text, in a fresh array. Strict: returns `undefined`, not throws, for padding,
 * white space, other alphabets, impossible lengths, and for text that is not canonical. spec W3
 */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const tail = text.length % 4
  if (tail === 1 || !PATTERN.test(text)) return undefined
  const unusedBits = tail === 2 ? 15 : tail === 3 ? 3 : 0
  if ((ALPHABET.indexOf(text.charAt(text.length - 1)) & unusedBits) !== 0) return undefined
  const native = Uint8Array as unknown as NativeDecoder
  if (native.fromBase64 !== undefined) return native.fromBase64(text, { alphabet: 'base64url' })
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  for (let index = 0, at = 0; index < text.length; index += 1) {
    bits = ((bits << 6) | ALPHABET.indexOf(text.charAt(index))) & 0xffffff
    const have = (index % 4) * 2
    if (have !== 0) bytes[at++] = (bits >> (6 - have)) & 255
  }
  return bytes
}

/** What newer engines bring (ECMAScript 2026), missing from the libraries of the compiler's target. */
interface NativeEncoder {
  readonly toBase64?: (options: { alphabet: 'base64url'; omitPadding: true }) => string
}

interface NativeDecoder {
  readonly fromBase64?: (
    text: string,
    options: { alphabet: 'base64url' },
  ) => Uint8Array<ArrayBuffer>
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const PATTERN = /^[A-Za-z0-9_-]*$/
