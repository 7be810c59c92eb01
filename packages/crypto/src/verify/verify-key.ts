import { throwIfUnsupported } from '../errors.ts'
import { webCrypto } from '../web-crypto.ts'
import { isSmallOrder } from './small-order.ts'

/**
 * Imports a public key for verification. Returns `undefined`, not throws, for bytes that are no valid key, and for the
 * points of small order, under which anyone can forge and which not every engine refuses. Copies `publicKey`. RFC 8032
 * §8.9, spec P53
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importVerifyKey(
  publicKey: Uint8Array<ArrayBuffer>,
): Promise<CryptoKey | undefined> {
  if (publicKey.length !== 32 || isSmallOrder('Ed25519', publicKey)) return undefined
  try {
    return await webCrypto().importKey('raw', publicKey, 'Ed25519', false, ['verify'])
  } catch (cause) {
    throwIfUnsupported('Ed25519', cause)
    return undefined
  }
}

/**
 * Whether an Ed25519 signature verifies. Reads its arguments before it returns, and never throws for them.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function verifyBytes(
  key: CryptoKey,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return webCrypto()
    .verify('Ed25519', key, signature, bytes)
    .catch(() => false)
}

/**
 * Whether a signature verifies under the 32 bytes of a public key. Never throws for input.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function verifySignature(
  publicKey: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = await importVerifyKey(publicKey)
  return key !== undefined && verifyBytes(key, signature, bytes)
}
