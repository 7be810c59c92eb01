import { concatBytes } from '@conclave/base'
import { HASH_BYTES } from '../hkdf-options.ts'
import type { AesGcmKeyOptions, BytesOptions, ExpandOptions, HkdfOptions } from '../hkdf-options.ts'
import { NO_BYTES } from '../no-bytes.ts'
import type { SecretKey } from '../secret-key.ts'
import { importAndWipe, webCrypto, wipe } from '../web-crypto.ts'

/**
 * Takes key material of any length for {@link deriveBytes} and {@link deriveAesGcmKey}. Takes over `ikm` and
 * overwrites it: pass a copy. spec K5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function importHkdfKey(ikm: Uint8Array<ArrayBuffer>): Promise<SecretKey> {
  return importAndWipe(ikm, 'HKDF', ['deriveBits', 'deriveKey'])
}

/**
 * HKDF, both steps, to `length` bytes. You must overwrite them when they are no longer needed. RFC 5869 §2
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveBytes(
  ikm: SecretKey,
  { length, ...options }: BytesOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await webCrypto().deriveBits(parametersOf(options), ikm as CryptoKey, length * 8),
  )
}

/**
 * HKDF, both steps, to an AES-GCM key. Out of a `CryptoKey` it is one that cannot be exported, and its bytes never reach
 * us. RFC 5869 §2
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function deriveAesGcmKey(
  ikm: SecretKey,
  { bytes, usages, ...options }: AesGcmKeyOptions,
): Promise<SecretKey> {
  const algorithm = { name: 'AES-GCM', length: bytes * 8 }
  const parameters = parametersOf(options)
  return webCrypto().deriveKey(parameters, ikm as CryptoKey, algorithm, false, usages)
}

/**
 * Takes a uniformly random key of 32 bytes for {@link expand}. Takes over `prk` and overwrites it: pass a
 * copy. spec K5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function importExpandKey(prk: Uint8Array<ArrayBuffer>): Promise<SecretKey> {
  return importAndWipe(prk, { name: 'HMAC', hash: 'SHA-256' }, ['sign'])
}

/**
 * HKDF-Expand with SHA-256. You must check that `length` is 1 to `MAX_EXPAND_BYTES`. RFC 5869 §2.3
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function expand(
  key: SecretKey,
  { info, length }: ExpandOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  // WebCrypto has no HKDF-Expand; this is a chain of HMACs.
  const output = new Uint8Array(length)
  let block: Uint8Array<ArrayBuffer> = new Uint8Array()
  for (let at = 0, counter = 1; at < length; at += HASH_BYTES, counter += 1) {
    const input = concatBytes(block, info, [counter])
    wipe(block)
    block = new Uint8Array(await webCrypto().sign('HMAC', key as CryptoKey, input))
    wipe(input)
    output.set(block.subarray(0, length - at), at)
  }
  wipe(block)
  return output
}

function parametersOf({ salt = NO_BYTES, info, hash = 'SHA-256' }: HkdfOptions): HkdfParams {
  return { name: 'HKDF', hash, salt, info }
}
