import { unsupportedError } from '@conclave/crypto'

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
 * Imports raw key material as a key that cannot be read out again, and overwrites the material, also when
 * the import fails. You must not use `material` afterwards: it belongs to this function. spec K5
 */
export async function importAndWipe(
  material: Uint8Array<ArrayBuffer>,
  algorithm: 'HKDF' | 'PBKDF2' | 'AES-GCM' | { readonly name: 'HMAC'; readonly hash: 'SHA-256' },
  usages: KeyUsage[],
): Promise<CryptoKey> {
  try {
    return await webCrypto().importKey('raw', material, algorithm, false, usages)
  } finally {
    material.fill(0)
  }
}
