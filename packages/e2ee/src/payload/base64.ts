import { decodeBase64Url, encodeBase64Url } from '@conclave/wire'

/**
 * Base64url text of the bytes, without padding, by the fastest way that the engine has: its own
 * (ECMAScript 2026), Node's and Bun's, else plain code. RFC 4648 §5
 */
export function bytesToBase64Url(bytes: Uint8Array): string {
  if (hasNativeEncoder || engineBuffer === undefined) return encodeBase64Url(bytes)
  return engineBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
}

/**
 * The bytes of base64url text. Strict as `decodeBase64Url`: returns `undefined`, not throws, for padding, white
 * space, other alphabets, impossible lengths, and for text that is not canonical. You must not hand out what lies
 * around the bytes: Node keeps small ones together in one buffer.
 */
export function base64UrlToBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const decode = hasNativeDecoder ? decodeNative : engineBuffer && decodeWithBuffer
  if (decode === undefined) return decodeBase64Url(text)
  const tail = text.length & 3
  if (tail === 1 || hasUnusedBits(text, tail)) return undefined
  const bytes = decode(text)
  // What an engine skips (white space, padding, anything unknown to Node) makes fewer bytes of as much text.
  return bytes?.length === Math.floor((text.length * 3) / 4) ? bytes : undefined
}

/** Text whose last character says more than the last byte takes is another spelling of the same bytes. */
function hasUnusedBits(text: string, tail: number): boolean {
  if (tail === 0) return false
  const last = ALPHABET.indexOf(text.charAt(text.length - 1))
  return last < 0 || (last & (tail === 2 ? 15 : 3)) !== 0
}

function decodeNative(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return (Uint8Array as unknown as NativeDecoder).fromBase64(text, BASE64URL)
  } catch {
    return undefined
  }
}

function decodeWithBuffer(text: string): Uint8Array<ArrayBuffer> | undefined {
  // Node reads both alphabets and ends at padding.
  if (text.includes('+') || text.includes('/') || text.includes('=')) return undefined
  if (engineBuffer === undefined) return undefined
  const { buffer, byteOffset, length } = engineBuffer.from(text, 'base64url')
  return new Uint8Array(buffer, byteOffset, length)
}

interface NativeDecoder {
  fromBase64(text: string, options: { alphabet: 'base64url' }): Uint8Array<ArrayBuffer>
}

interface EngineBuffer {
  from(buffer: ArrayBufferLike, offset: number, length: number): { toString(as: string): string }
  from(text: string, as: string): Uint8Array<ArrayBuffer>
}

const BASE64URL = { alphabet: 'base64url' } as const
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const hasNativeEncoder = 'toBase64' in Uint8Array.prototype
const hasNativeDecoder = 'fromBase64' in Uint8Array
// Base64 and nothing else: Node has no other native one before version 25.
// oxlint-disable-next-line no-restricted-globals
const engineBuffer = (globalThis as { readonly Buffer?: EngineBuffer }).Buffer
