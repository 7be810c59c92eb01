import { equalBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, importCurveSeed } from './curve-keys.ts'
import type { CurveKeyPair } from './curve-keys.ts'
import { throwIfUnsupported, unsupportedError } from './errors.ts'
import { isSmallOrder } from './verify/small-order.ts'
import { webCrypto, wipe } from './web-crypto.ts'

/**
 * The agreement keys of a seed. Takes over `seed` and overwrites it: pass a copy. RFC 7748 §5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importAgreementSeed(seed: Uint8Array<ArrayBuffer>): Promise<CurveKeyPair> {
  try {
    const options = { usages: USAGES, extractable: [false] } as const
    const [privateKey] = await importCurveSeed('X25519', seed, options)
    // The public half is the agreement with the base point, the coordinate 9. RFC 7748 §4.1, §6.1
    const basePoint = Uint8Array.of(9, ...new Uint8Array(CURVE_KEY_BYTES - 1))
    const publicKey = await deriveShared(privateKey, await importAgreementKey(basePoint))
    const pair = { publicKey, privateKey }
    await checkAgreementPair(pair)
    return pair
  } catch (cause) {
    throw unsupportedError('X25519', cause)
  }
}

/**
 * Makes new agreement keys.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function generateAgreementPair(): Promise<CurveKeyPair> {
  try {
    const pair = await generatePair()
    const publicKey = new Uint8Array(await webCrypto().exportKey('raw', pair.publicKey))
    const keys = { publicKey, privateKey: pair.privateKey }
    await checkAgreementPair(keys)
    return keys
  } catch (cause) {
    throw unsupportedError('X25519', cause)
  }
}

/**
 * Rejects unless both halves lead to the same secret. spec E3
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function checkAgreementPair({ publicKey, privateKey }: CurveKeyPair): Promise<void> {
  const other = await generatePair()
  const imported = await importAgreementKey(publicKey)
  const [one, same] = await Promise.all([
    deriveShared(privateKey, other.publicKey),
    deriveShared(other.privateKey, imported),
  ])
  const belong = equalBytes(one, same)
  wipe(one, same)
  if (!belong) throw new Error('no pair')
}

/**
 * A public key as WebCrypto takes it.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importAgreementKey(publicKey: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  try {
    return await webCrypto().importKey('raw', publicKey, 'X25519', true, [])
  } catch (cause) {
    throwIfUnsupported('X25519', cause)
    throw cause
  }
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
  if (publicKey.length !== CURVE_KEY_BYTES || isSmallOrder('X25519', publicKey)) return undefined
  try {
    const secret = await deriveShared(privateKey, await importAgreementKey(publicKey))
    return secret.some((byte) => byte !== 0) ? secret : undefined
  } catch (cause) {
    throwIfUnsupported('X25519', cause)
    return undefined
  }
}

async function generatePair(): Promise<CryptoKeyPair> {
  try {
    return (await webCrypto().generateKey('X25519', false, USAGES)) as CryptoKeyPair
  } catch (cause) {
    throw unsupportedError('X25519', cause)
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
