import { equalBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, importCurveSeed } from './curve-keys.ts'
import type { CurveKeyPair } from './curve-keys.ts'
import { CryptoError, unsupportedError } from './errors.ts'
import { isSmallOrder } from './verify/small-order.ts'
import { webCrypto, wipe } from './web-crypto.ts'

/**
 * The agreement keys of a seed. Takes over `seed` and overwrites it: pass a copy. RFC 7748 §5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importAgreementSeed(seed: Uint8Array<ArrayBuffer>): Promise<CurveKeyPair> {
  try {
    const options = { usages: USAGES, extractable: [false] }
    const [privateKey] = await importCurveSeed('X25519', seed, options)
    if (privateKey === undefined) throw new Error('unreachable: one key')
    // The public half is the agreement with the base point, the coordinate 9. RFC 7748 §4.1, §6.1
    const basePoint = Uint8Array.of(9, ...new Uint8Array(CURVE_KEY_BYTES - 1))
    const publicKey = await deriveShared(privateKey, await importAgreementKey(basePoint))
    const pair = { publicKey, privateKey }
    await checkAgreementPair(pair)
    return pair
  } catch (cause) {
    throw cause instanceof CryptoError ? cause : unsupportedError('X25519', cause)
  }
}

/**
 * Makes new agreement keys.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function generateAgreementPair(): Promise<CurveKeyPair> {
  const subtle = webCrypto()
  try {
    const pair = (await subtle.generateKey('X25519', false, USAGES)) as CryptoKeyPair
    const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
    const keys = { publicKey, privateKey: pair.privateKey }
    await checkAgreementPair(keys)
    return keys
  } catch (cause) {
    throw unsupportedError('X25519', cause)
  }
}

/** Rejects unless both halves lead to the same secret. spec E3 */
export async function checkAgreementPair({ publicKey, privateKey }: CurveKeyPair): Promise<void> {
  const other = (await webCrypto().generateKey('X25519', false, USAGES)) as CryptoKeyPair
  const imported = await importAgreementKey(publicKey)
  const [one, same] = await Promise.all([
    deriveShared(privateKey, other.publicKey),
    deriveShared(other.privateKey, imported),
  ])
  const belong = equalBytes(one, same)
  wipe(one, same)
  if (!belong) throw new Error('the halves do not belong together')
}

/** A public key as WebCrypto takes it. */
export function importAgreementKey(publicKey: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return webCrypto().importKey('raw', publicKey, 'X25519', true, [])
}

/**
 * The secret shared with a public key, 32 bytes; you must overwrite it. Returns `undefined`, not throws, for a public key
 * that no honest party has: one of small order, or no key at all. RFC 7748 §6.1
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function agree(
  privateKey: CryptoKey,
  publicKey: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  webCrypto()
  if (publicKey.length !== CURVE_KEY_BYTES || isSmallOrder('X25519', publicKey)) return undefined
  try {
    const secret = await deriveShared(privateKey, await importAgreementKey(publicKey))
    return secret.some((byte) => byte !== 0) ? secret : undefined
  } catch {
    return undefined
  }
}

async function deriveShared(
  privateKey: CryptoKey,
  publicKey: CryptoKey,
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = { name: 'X25519', public: publicKey }
  return new Uint8Array(await webCrypto().deriveBits(parameters, privateKey, CURVE_KEY_BYTES * 8))
}

const USAGES: KeyUsage[] = ['deriveBits']
