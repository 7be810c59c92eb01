import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { concatBytes } from '../bytes.ts'

/** `link`: base64url, for fragments of links. `qr`: Crockford's base32, capitals and digits alone. spec E5 */
export type TextForm = 'link' | 'qr'

/** What a text stands for; another one's text is none. spec E5 */
export type TextKind = 'identity' | 'invitation'

/**
 * Version, type, content and checksum as text.
 *
 * @throws TypeError for another form
 */
export function encodeCode(kind: TextKind, content: Uint8Array, form: TextForm): string {
  if (form !== 'link' && form !== 'qr') throw new TypeError('"form" expected "link" or "qr"')
  const body = concatBytes([VERSION, TYPES[kind]], content)
  const bytes = concatBytes(body, checksum(body))
  const text = form === 'link' ? encodeBase64Url(bytes) : encodeBase32(bytes)
  bytes.fill(0)
  body.fill(0)
  return text
}

/** The content of a text in either form; `undefined`, not throws, for anything else. */
export function decodeCode(kind: TextKind, text: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof text !== 'string' || text.length > MAX_TEXT) return undefined
  return decodeBytes(kind, decodeBase64Url(text)) ?? decodeBytes(kind, decodeBase32(text))
}

function decodeBytes(
  kind: TextKind,
  bytes: Uint8Array<ArrayBuffer> | undefined,
): Uint8Array<ArrayBuffer> | undefined {
  if (bytes === undefined || bytes.length < HEAD_BYTES + CHECK_BYTES) return undefined
  if (bytes[0] !== VERSION || bytes[1] !== TYPES[kind]) return undefined
  const end = bytes.length - CHECK_BYTES
  const check = checksum(bytes.subarray(0, end))
  if (check.some((byte, at) => byte !== bytes[end + at])) return undefined
  return bytes.slice(HEAD_BYTES, end)
}

function encodeBase32(bytes: Uint8Array): string {
  let [text, waiting, bits] = ['', 0, 0]
  for (const byte of bytes) {
    waiting = ((waiting << 8) | byte) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET.charAt((waiting >> (bits - 5)) & 31)
  }
  return bits === 0 ? text : text + ALPHABET.charAt((waiting << (5 - bits)) & 31)
}

/** Forgives what people and copying do to a text: small letters, separators, O for 0, I and L for 1. */
function decodeBase32(text: string): Uint8Array<ArrayBuffer> | undefined {
  const characters = text
    .toUpperCase()
    .replaceAll(SEPARATORS, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  const bytes: number[] = []
  let [waiting, bits] = [0, 0]
  for (const character of characters) {
    const symbol = ALPHABET.indexOf(character)
    if (symbol === -1) return undefined
    waiting = ((waiting << 5) | symbol) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((waiting >> bits) & 255)
  }
  // As many characters as it takes, and no set bits after the last byte.
  const isCanonical = bits < 5 && (waiting & ((1 << bits) - 1)) === 0
  return isCanonical ? Uint8Array.from(bytes) : undefined
}

/** CRC-32 of ISO/IEC 13239, as in Ethernet: notices mistakes, not malice. */
function checksum(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let rest = 0xffffffff
  for (const byte of bytes) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0)
  }
  const check = new Uint8Array(CHECK_BYTES)
  new DataView(check.buffer).setUint32(0, ~rest)
  return check
}

const VERSION = 1
const TYPES = { identity: 1, invitation: 2 } as const
const HEAD_BYTES = 2
const CHECK_BYTES = 4
/** Longer than any text, with separators. */
const MAX_TEXT = 2048
/** Without I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const SEPARATORS = /[\s\u002D\u00AD\u200B\u2010-\u2015\u2212]/g
