import { decodeBase64Url, textToBytes } from '@conclave/base'
import { importCurveSeed } from './curve-keys.ts'
import type { CurveKeyPair } from './curve-keys.ts'
import { unsupportedError } from './errors.ts'
import { webCrypto } from './web-crypto.ts'

/** Length of an Ed25519 signature in bytes. RFC 8032 §5.1.6 */
export const SIGNATURE_BYTES = 64

/**
 * The signing keys of a seed, after a signature of theirs verified. Takes over `seed` and overwrites it: pass a
 * copy. spec K4
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importSigningSeed(seed: Uint8Array<ArrayBuffer>): Promise<CurveKeyPair> {
  try {
    // WebCrypto gives the public half nowhere but in the `x` of a JWK, which needs an extractable key.
    const options = { usages: USAGES, extractable: [false, true] } as const
    const [privateKey, readable] = await importCurveSeed('Ed25519', seed, options)
    const { x = '' } = await webCrypto().exportKey('jwk', readable)
    const pair = { publicKey: decodeBase64Url(x) ?? new Uint8Array(), privateKey }
    // Fails also in an engine that gives no key or another one.
    await checkSigningPair(pair)
    return pair
  } catch (cause) {
    throw unsupportedError('Ed25519', cause)
  }
}

/**
 * Makes new signing keys, after a signature of theirs verified. spec K4
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function generateSigningPair(): Promise<CurveKeyPair> {
  try {
    const subtle = webCrypto()
    const made = (await subtle.generateKey('Ed25519', false, USAGES)) as CryptoKeyPair
    const publicKey = new Uint8Array(await subtle.exportKey('raw', made.publicKey))
    const pair = { publicKey, privateKey: made.privateKey }
    await checkSigningPair(pair)
    return pair
  } catch (cause) {
    throw unsupportedError('Ed25519', cause)
  }
}

/**
 * An Ed25519 signature, 64 bytes. Reads `bytes` before it returns.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function signBytes(
  privateKey: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await webCrypto().sign('Ed25519', privateKey, bytes))
  } catch (cause) {
    throw unsupportedError('Ed25519', cause)
  }
}

/**
 * Rejects unless the public key verifies what the private key signs. spec K4
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function checkSigningPair({ publicKey, privateKey }: CurveKeyPair): Promise<void> {
  const probe = textToBytes('conclave/1 key check')
  const signature = await signBytes(privateKey, probe)
  const subtle = webCrypto()
  const key = await subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
  if (!(await subtle.verify('Ed25519', key, signature, probe))) {
    throw new Error('no pair')
  }
}

const USAGES: KeyUsage[] = ['sign']
