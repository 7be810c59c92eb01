import { VaultError } from './errors.ts'

/**
 * The platform's cryptography. Pages outside a secure context (plain `http`) have none.
 *
 * @throws VaultError `ERR_VAULT_UNSUPPORTED`
 */
export function webCrypto(): SubtleCrypto {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined
  if (subtle !== undefined) return subtle
  throw new VaultError('ERR_VAULT_UNSUPPORTED', { feature: 'WebCrypto' })
}

/** HKDF-SHA-256, both steps, to a key of AES-256-GCM for one use only. RFC 5869 §2 */
export async function deriveSealingKey(
  ikm: CryptoKey,
  {
    salt,
    info,
  }: { readonly salt: Uint8Array<ArrayBuffer>; readonly info: Uint8Array<ArrayBuffer> },
): Promise<CryptoKey> {
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info }
  const algorithm = { name: 'AES-GCM', length: 256 }
  return webCrypto().deriveKey(parameters, ikm, algorithm, false, ['encrypt', 'decrypt'])
}

/** HKDF-SHA-256, both steps, to 32 bytes. RFC 5869 §2 */
export async function deriveBytes(
  ikm: CryptoKey,
  {
    salt,
    info,
  }: { readonly salt: Uint8Array<ArrayBuffer>; readonly info: Uint8Array<ArrayBuffer> },
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info }
  return new Uint8Array(await webCrypto().deriveBits(parameters, ikm, 256))
}

/** Takes key material of any length for HKDF, and overwrites it, also when that fails: pass a copy. spec V14 */
export async function importHkdfKey(ikm: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  try {
    return await webCrypto().importKey('raw', ikm, 'HKDF', false, ['deriveBits', 'deriveKey'])
  } finally {
    ikm.fill(0)
  }
}

/** SHA-256. */
export async function hashBytes(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await webCrypto().digest('SHA-256', bytes))
}

/**
 * AES-256-GCM with a nonce of zeros, for a key that seals once. You must never seal twice with one key.
 * spec V3, V6
 */
export async function sealOnce(
  key: CryptoKey,
  plaintext: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = { name: 'AES-GCM', iv: ZERO_NONCE, additionalData }
  return new Uint8Array(await webCrypto().encrypt(parameters, key, plaintext))
}

/** What {@link sealOnce} sealed; `undefined`, not throws, when it does not authenticate. */
export async function openSealed(
  key: CryptoKey,
  ciphertext: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parameters = { name: 'AES-GCM', iv: ZERO_NONCE, additionalData }
  try {
    return new Uint8Array(await webCrypto().decrypt(parameters, key, ciphertext))
  } catch {
    return undefined
  }
}

const ZERO_NONCE = new Uint8Array(12)
