/**
 * AES-256-GCM for keys that seal once: every key is derived for one plaintext, so the nonce is always zero.
 *
 * @module
 */
import { decryptAesGcm, deriveAesGcmKey, encryptAesGcm, NONCE_BYTES } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'

/** The key for one plaintext, out of key material and a context that occurs once. RFC 5869 §2, spec V3, V6 */
export function deriveSealingKey(
  ikm: SecretKey,
  context: { readonly salt: Uint8Array<ArrayBuffer>; readonly info: Uint8Array<ArrayBuffer> },
): Promise<SecretKey> {
  return deriveAesGcmKey(ikm, { ...context, bytes: 32, usages: ['encrypt', 'decrypt'] })
}

/** Ciphertext, then tag. You must never seal twice with one key: the nonce is the same. spec V3, V6 */
export async function sealOnce(
  key: SecretKey,
  plaintext: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return encryptAesGcm(key, { nonce: ZERO_NONCE, additionalData }, plaintext)
}

/** The plaintext of {@link sealOnce}. Returns `undefined`, not throws, when it does not authenticate. */
export async function openSealed(
  key: SecretKey,
  sealed: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return decryptAesGcm(key, { nonce: ZERO_NONCE, additionalData }, sealed)
}

const ZERO_NONCE = new Uint8Array(NONCE_BYTES)
