import { concatBytes } from '@conclave/base'
import { importAndWipe, webCrypto, wipe } from './web-crypto.ts'

/** Length of a hash of SHA-256, and of a key that HKDF-Expand takes, in bytes. */
export const HASH_BYTES = 32

/** The most that one expansion gives, in bytes: 255 blocks. RFC 5869 §2.3 */
export const MAX_EXPAND_BYTES: number = 255 * HASH_BYTES

/** The parameters of one derivation. */
export interface HkdfOptions {
  /** Left out: none, which is a salt of zeros. RFC 5869 §2.2 */
  readonly salt?: Uint8Array<ArrayBuffer>
  readonly info: Uint8Array<ArrayBuffer>
  /** SHA-256 when left out. */
  readonly hash?: 'SHA-256' | 'SHA-512'
}

/**
 * Takes key material of any length for {@link deriveBytes} and {@link deriveAesGcmKey}. Takes over `ikm` and
 * overwrites it: pass a copy. spec K5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function importHkdfKey(ikm: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return importAndWipe(ikm, 'HKDF', ['deriveBits', 'deriveKey'])
}

/**
 * HKDF, both steps, to `length` bytes. You must overwrite them when they are no longer needed. RFC 5869 §2
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveBytes(
  ikm: CryptoKey,
  { length, ...options }: HkdfOptions & { readonly length: number },
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await webCrypto().deriveBits(parametersOf(options), ikm, length * 8))
}

/**
 * HKDF, both steps, to an AES-GCM key that cannot be exported; its bytes never reach us. RFC 5869 §2
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function deriveAesGcmKey(
  ikm: CryptoKey,
  {
    bytes,
    usages,
    ...options
  }: HkdfOptions & { readonly bytes: 16 | 32; readonly usages: ('encrypt' | 'decrypt')[] },
): Promise<CryptoKey> {
  const algorithm = { name: 'AES-GCM', length: bytes * 8 }
  return webCrypto().deriveKey(parametersOf(options), ikm, algorithm, false, usages)
}

/**
 * Takes a uniformly random key of 32 bytes for {@link expand}. Takes over `prk` and overwrites it: pass a
 * copy. WebCrypto has no HKDF-Expand; this is a chain of HMACs. spec K5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function importExpandKey(prk: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return importAndWipe(prk, { name: 'HMAC', hash: 'SHA-256' }, ['sign'])
}

/**
 * HKDF-Expand with SHA-256. You must check that `length` is 1 to {@link MAX_EXPAND_BYTES}. RFC 5869 §2.3
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function expand(
  key: CryptoKey,
  { info, length }: { readonly info: Uint8Array; readonly length: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const output = new Uint8Array(length)
  let block: Uint8Array<ArrayBuffer> = new Uint8Array()
  for (let at = 0, counter = 1; at < length; at += HASH_BYTES, counter += 1) {
    const input = concatBytes(block, info, [counter])
    wipe(block)
    block = new Uint8Array(await webCrypto().sign('HMAC', key, input))
    wipe(input)
    output.set(block.subarray(0, length - at), at)
  }
  wipe(block)
  return output
}

function parametersOf({ salt = NO_SALT, info, hash = 'SHA-256' }: HkdfOptions): HkdfParams {
  return { name: 'HKDF', hash, salt, info }
}

const NO_SALT = new Uint8Array()
