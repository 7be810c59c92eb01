import { concatBytes, copyBytes, encodeBase64Url, textToBytes } from '@conclave/base'
import { CURVE_KEY_BYTES } from '@conclave/crypto'
import { hashBytes, isSmallOrder } from '@conclave/crypto/verify'
import { decodeCode, encodeCode } from './text-code.ts'
import type { TextForm } from './text-code.ts'

/**
 * The public keys that stand for a person or a device. You must know whose they are before you rely on them: scan them
 * from the person's own screen, or compare them by `safetyNumber`.
 */
export interface ExchangeIdentity {
  /** Ed25519, 32 bytes. */
  readonly signingKey: Uint8Array<ArrayBuffer>
  /** X25519, 32 bytes. */
  readonly agreementKey: Uint8Array<ArrayBuffer>
}

/** Length of an identity in bytes. spec E2 */
export const IDENTITY_BYTES: number = 2 * CURVE_KEY_BYTES

/**
 * The text of an identity: `link` is base64url, for links and messages; `qr` is capitals and digits, which QR
 * codes hold densely. spec E5
 *
 * @throws TypeError, RangeError that name the argument
 */
export function encodeIdentity(identity: ExchangeIdentity, form: TextForm): string {
  return encodeCode('identity', identityToBytes('identity', identity), form)
}

/**
 * The identity of a text in either form; the `qr` form also as a person typed it. Returns `undefined`, not throws, for
 * anything else, and for keys that no honest party has. spec E5
 */
export function parseIdentity(text: unknown): ExchangeIdentity | undefined {
  const bytes = decodeCode('identity', text)
  return bytes && bytesToIdentity(bytes)
}

/**
 * The short name of an identity, 22 characters: for tables, and in the headers of sealed keys. You must not compare
 * identities by it; `safetyNumber` is for that. spec E2
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function identityId(identity: ExchangeIdentity): Promise<string> {
  return encodeBase64Url(await hashIdentity(identityToBytes('identity', identity)))
}

/** The 16 bytes behind {@link identityId}. */
export async function hashIdentity(identity: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return (await hashBytes(concatBytes(ID_LABEL, identity))).slice(0, IDENTITY_ID_BYTES)
}

/**
 * Both keys, signing key first: a copy.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function identityToBytes(name: string, identity: unknown): Uint8Array<ArrayBuffer> {
  const { signingKey, agreementKey } = (identity ?? {}) as Partial<ExchangeIdentity>
  const bytes = concatBytes(
    copyBytes(`${name}.signingKey`, signingKey, CURVE_KEY_BYTES),
    copyBytes(`${name}.agreementKey`, agreementKey, CURVE_KEY_BYTES),
  )
  if (bytesToIdentity(bytes) !== undefined) return bytes
  throw new RangeError(`"${name}" expected keys that an honest party can have`)
}

/** The identity of 64 bytes; `undefined`, not throws, for other lengths and for keys of small order. spec E4 */
export function bytesToIdentity(bytes: Uint8Array): ExchangeIdentity | undefined {
  if (bytes.length !== IDENTITY_BYTES) return undefined
  const signingKey = new Uint8Array(bytes.subarray(0, CURVE_KEY_BYTES))
  const agreementKey = new Uint8Array(bytes.subarray(CURVE_KEY_BYTES))
  if (isSmallOrder('Ed25519', signingKey) || isSmallOrder('X25519', agreementKey)) return undefined
  return { signingKey, agreementKey }
}

/** Length of the hash that names an identity. */
export const IDENTITY_ID_BYTES = 16
const ID_LABEL = textToBytes('conclave/1 identity\0')
