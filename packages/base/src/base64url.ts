import { writeByteString } from './text.ts'

/**
 * Base64url text of the bytes, without padding, by the fastest way that the engine has: its own
 * (ECMAScript 2026), Node's, else `btoa`. RFC 4648 §5
 */
export function encodeBase64Url(bytes: Uint8Array): string {
  const native = bytes as Uint8Array & NativeEncoder
  if (native.toBase64 !== undefined) {
    return native.toBase64({ alphabet: 'base64url', omitPadding: true })
  }
  if (engineBuffer === undefined) return encodePortably(bytes)
  return engineBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
}

/**
 * The bytes of base64url text, in their own memory. Strict: returns `undefined`, not throws, for padding, white
 * space, other alphabets, impossible lengths, and for text that is not canonical. spec W3
 *
 * @param decode decodes, and may forgive; for tests
 */
export function decodeBase64Url(
  text: string,
  decode: (text: string) => Uint8Array<ArrayBuffer> = decodeFast,
): Uint8Array<ArrayBuffer> | undefined {
  // The last character of a canonical text has no bits beyond the last byte: it carries 2 or 4 of its 6.
  const tail = text.length & 3
  const ends = tail === 2 ? 'AQgw' : 'AEIMQUYcgkosw048'
  const isCanonical = tail === 0 || (tail > 1 && ends.includes(text.charAt(text.length - 1)))
  // Before the engine sees it: each forgives something else.
  return isCanonical && /^[\w-]*$/.test(text) ? decode(text) : undefined
}

/** {@link encodeBase64Url} for engines that have nothing better than `btoa`. */
export function encodePortably(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Decodes, for {@link decodeBase64Url}, in engines that have nothing better than `atob`. */
export function decodePortably(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  writeByteString(bytes, 0, binary)
  return bytes
}

function decodeFast(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as unknown as NativeDecoder
  if (native.fromBase64 !== undefined) return native.fromBase64(text, { alphabet: 'base64url' })
  if (engineBuffer === undefined) return decodePortably(text)
  // A copy: Node keeps small buffers together in one pool, which a caller must not get to see.
  return new Uint8Array(engineBuffer.from(text, 'base64url'))
}

interface NativeEncoder {
  readonly toBase64?: (options: { alphabet: 'base64url'; omitPadding: true }) => string
}

interface NativeDecoder {
  readonly fromBase64?: (
    text: string,
    options: { alphabet: 'base64url' },
  ) => Uint8Array<ArrayBuffer>
}

interface EngineBuffer {
  from(buffer: ArrayBufferLike, offset: number, length: number): { toString(as: string): string }
  from(text: string, as: string): Uint8Array<ArrayBuffer>
}

// Used only for base64: Node has no other native implementation before version 25.
// oxlint-disable-next-line no-restricted-globals -- looks whether there is one, needs none
const engineBuffer = (globalThis as { readonly Buffer?: EngineBuffer }).Buffer
