import { unsupportedError } from './errors.ts'

/**
 * The platform's cryptography. Pages outside a secure context (plain `http`) have none.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function webCrypto(): SubtleCrypto {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined
  if (subtle !== undefined) return subtle
  throw unsupportedError('WebCrypto')
}

/**
 * Fresh random bytes, at most 65 536. Pages outside a secure context have them.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` (`WebCrypto`)
 */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  if (!globalThis.crypto) throw unsupportedError('WebCrypto')
  return crypto.getRandomValues(new Uint8Array(length))
}

/** Overwrites key material with zeros. The engine may hold copies, which are its own to overwrite. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0)
}

/**
 * Imports raw key material as a key that cannot be exported, and overwrites the material, also when the import
 * fails. You must not use `material` afterwards: it belongs to this function. spec K5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importAndWipe(
  material: Uint8Array<ArrayBuffer>,
  algorithm: 'HKDF' | 'PBKDF2' | 'AES-GCM' | { readonly name: 'HMAC'; readonly hash: 'SHA-256' },
  usages: KeyUsage[],
): Promise<CryptoKey> {
  // Platforms refuse shared and resizable memory, which a key source may have.
  const copy = new Uint8Array(material)
  try {
    return await webCrypto().importKey('raw', copy, algorithm, false, usages)
  } finally {
    wipe(material, copy)
  }
}
