import {
  concatBytes,
  decodeBase64Url,
  decodeCrockford32,
  encodeBase64Url,
  encodeCrockford32,
  equalBytes,
  uintToBytes,
} from '@conclave/base'
import { wipe } from '@conclave/crypto'

/** `link`: base64url, for fragments of links. `qr`: Crockford's base32, capitals and digits only. spec E5 */
export type TextForm = 'link' | 'qr'

/** The thing that a text stands for; the text of another kind does not decode. spec E5 */
export type TextKind = 'identity' | 'invitation' | 'owner'

/**
 * Version, type, content and checksum as text.
 *
 * @throws TypeError for another form
 */
export function encodeCode(kind: TextKind, content: Uint8Array, form: TextForm): string {
  if (form !== 'link' && form !== 'qr') throw new TypeError('"form" expected "link" or "qr"')
  const body = concatBytes([VERSION, TYPES[kind]], content)
  const bytes = concatBytes(body, checksum(body))
  const text = form === 'link' ? encodeBase64Url(bytes) : encodeCrockford32(bytes)
  wipe(bytes, body)
  return text
}

/** The content of a text in either form; `undefined`, not throws, for anything else. */
export function decodeCode(kind: TextKind, text: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof text !== 'string' || text.length > MAX_TEXT) return undefined
  return unwrap(kind, decodeBase64Url(text)) ?? unwrap(kind, decodeCrockford32(text))
}

function unwrap(
  kind: TextKind,
  bytes: Uint8Array<ArrayBuffer> | undefined,
): Uint8Array<ArrayBuffer> | undefined {
  if (bytes === undefined || bytes.length < HEAD_BYTES + CHECK_BYTES) return undefined
  if (bytes[0] !== VERSION || bytes[1] !== TYPES[kind]) return undefined
  const end = bytes.length - CHECK_BYTES
  if (!equalBytes(checksum(bytes.subarray(0, end)), bytes.subarray(end))) return undefined
  return bytes.slice(HEAD_BYTES, end)
}

/** CRC-32 of ISO/IEC 13239, as in Ethernet: notices mistakes, not malice. */
function checksum(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let rest = 0xffffffff
  for (const byte of bytes) {
    rest ^= byte
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0)
  }
  return uintToBytes(~rest >>> 0, CHECK_BYTES)
}

const VERSION = 1
const TYPES = { identity: 1, invitation: 2, owner: 3 } as const
const HEAD_BYTES = 2
const CHECK_BYTES = 4
/** Longer than any text, with separators. */
const MAX_TEXT = 2048
