import { concatBytes } from '@conclave/base'
import type { Awaitable } from '@conclave/base'
import { TAG_BYTES } from '../aes-gcm-context.ts'
import type { AesGcmContext } from '../aes-gcm-context.ts'
import { NO_BYTES } from '../no-bytes.ts'
import type { SecretKey } from '../secret-key.ts'
import { importAndWipe, webCrypto } from '../web-crypto.ts'

/**
 * Takes a key of 16 or 32 bytes for encryption and decryption. Takes over `material` and overwrites it, also when the import
 * fails: pass a copy. spec K5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function importAesGcmKey(material: Uint8Array<ArrayBuffer>): Promise<SecretKey> {
  return importAndWipe(material, 'AES-GCM', ['encrypt', 'decrypt'])
}

/**
 * Ciphertext, then tag. Reads its arguments before it returns. Answers at once, and may throw then, where the platform works in
 * the calling thread.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function encryptAesGcm(
  key: SecretKey,
  context: AesGcmContext,
  plaintext: Uint8Array<ArrayBuffer>,
): Awaitable<Uint8Array<ArrayBuffer>> {
  return webCrypto()
    .encrypt(parametersOf(context), key as CryptoKey, plaintext)
    .then((ciphertext) => concatBytes(context.lead ?? NO_BYTES, new Uint8Array(ciphertext)))
}

/**
 * Decrypts ciphertext and tag. Returns `undefined`, not throws, when they do not authenticate, and gives no further
 * reason. Reads its arguments before it returns. Answers at once where the platform works in the calling thread.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function decryptAesGcm(
  key: SecretKey,
  context: AesGcmContext,
  sealed: Uint8Array<ArrayBuffer>,
): Awaitable<Uint8Array<ArrayBuffer> | undefined> {
  return webCrypto()
    .decrypt(parametersOf(context), key as CryptoKey, sealed)
    .then(
      (plaintext) => new Uint8Array(plaintext),
      () => undefined,
    )
}

/** Every member has a value: Chromium refuses a `tagLength` that is `undefined`. */
function parametersOf({
  nonce,
  additionalData = NO_BYTES,
  tagBytes = TAG_BYTES,
}: AesGcmContext): AesGcmParams {
  return { name: 'AES-GCM', iv: nonce, additionalData, tagLength: tagBytes * 8 }
}
