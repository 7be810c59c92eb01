import { concatBytes, decodeBytes, encodeBase64Url, textToBytes } from '@conclave/base'
import { SIGNATURE_BYTES } from '@conclave/crypto'
import { hashBytes } from '@conclave/crypto/verify'
import { IDENTITY_ID_BYTES } from './exchange-identity.ts'
import type { ExchangeKem } from './hpke.ts'
import { decodeTime, timeToBytes } from './time.ts'

/** The times that a prekey is used: once, or until it expires. spec E17 */
export type PrekeyUse = 'one-time' | 'last-resort'

/** The longest that a prekey may be good for, in milliseconds: 90 days. spec E17 */
export const MAX_PREKEY_MS: number = 90 * 24 * 60 * 60 * 1000

/** Length of the id of a prekey in bytes. spec E17 */
export const PREKEY_ID_BYTES = 16

/** A prekey as its owner signs it. */
export interface PrekeyDetails {
  readonly kem: ExchangeKem
  readonly use: PrekeyUse
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  readonly publicKey: Uint8Array<ArrayBuffer>
}

/** A prekey before its signature was verified. */
export interface DecodedPrekey extends PrekeyDetails {
  /** Id of the claimed owner, in base64url. */
  readonly ownerId: string
  /** Everything before the signature. */
  readonly head: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/** The bytes of a prekey before its signature. spec E17 */
export function encodePrekeyHead(
  { kem, use, expiresAt, publicKey }: PrekeyDetails,
  ownerId: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const kind = [VERSION, TYPE, kem.id, 1 + PREKEY_USES.indexOf(use)]
  return concatBytes(kind, timeToBytes(expiresAt), ownerId, publicKey)
}

/** Decodes untrusted bytes. Returns `undefined`, not throws, for anything that is no prekey of this kind. spec E17 */
export function decodePrekey(given: unknown, kem: ExchangeKem): DecodedPrekey | undefined {
  const headBytes = PUBLIC_KEY_AT + kem.publicKeyBytes
  const length = headBytes + SIGNATURE_BYTES
  const bytes = decodeBytes(given, { min: length, max: length })
  if (bytes === undefined || bytes[0] !== VERSION || bytes[1] !== TYPE) return undefined
  const use = PREKEY_USES[(bytes[3] ?? 0) - 1]
  const expiresAt = decodeTime(bytes, EXPIRY_AT)
  if (bytes[2] !== kem.id || use === undefined || expiresAt === undefined) return undefined
  return {
    ...{ kem, use, expiresAt },
    ownerId: encodeBase64Url(bytes.slice(OWNER_AT, PUBLIC_KEY_AT)),
    publicKey: bytes.slice(PUBLIC_KEY_AT, headBytes),
    head: bytes.slice(0, headBytes),
    signature: bytes.slice(headBytes),
  }
}

/** The 16 bytes that name a prekey in sealed keys. spec E17 */
export async function hashPrekey(head: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return (await hashBytes(concatBytes(ID_LABEL, head))).slice(0, PREKEY_ID_BYTES)
}

/** The bytes that the owner signs. spec E17 */
export function encodeSignedPrekey(head: Uint8Array, owner: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(SIGNATURE_LABEL, head, owner)
}

/** Numbered from 1. spec E17 */
export const PREKEY_USES: readonly PrekeyUse[] = ['one-time', 'last-resort']
const VERSION = 1
const TYPE = 5
const EXPIRY_AT = 4
const OWNER_AT: number = EXPIRY_AT + 8
const PUBLIC_KEY_AT: number = OWNER_AT + IDENTITY_ID_BYTES
const ID_LABEL = textToBytes('conclave/1 prekey id\0')
const SIGNATURE_LABEL = textToBytes('conclave/1 prekey\0')
