import { webCrypto } from '../web-crypto.ts'

/**
 * SHA-256. Reads `bytes` before it returns.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function hashBytes(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await webCrypto().digest('SHA-256', bytes))
}
