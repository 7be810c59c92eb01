import { webCrypto } from './web-crypto.ts'

/** Length of a nonce in bytes. NIST SP 800-38D §5.2.1.1 */
export const NONCE_BYTES = 12

/** Length of the authentication tag in bytes: all that GCM gives. */
export const TAG_BYTES = 16

/** The inputs to which one encryption is bound, beside its key. */
export interface AesGcmContext {
  /** {@link NONCE_BYTES} long. You must never encrypt twice under one key with the same nonce. */
  readonly nonce: Uint8Array<ArrayBuffer>
  /** Left out: none. */
  readonly additionalData?: Uint8Array<ArrayBuffer>
  /** Length of the tag; 16 when left out. RFC 9605 §4.5 has suites with less. */
  readonly tagBytes?: number
}

/**
 * Ciphertext, then tag. Reads its arguments before it returns.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function encryptAesGcm(
  key: CryptoKey,
  context: AesGcmContext,
  plaintext: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await webCrypto().encrypt(parametersOf(context), key, plaintext))
}

/**
 * Decrypts ciphertext and tag. Returns `undefined`, not throws, when they do not authenticate, and gives no further
 * reason. Reads its arguments before it returns.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function decryptAesGcm(
  key: CryptoKey,
  context: AesGcmContext,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const subtle = webCrypto()
  try {
    return new Uint8Array(await subtle.decrypt(parametersOf(context), key, sealed))
  } catch {
    return undefined
  }
}

function parametersOf({ nonce, additionalData, tagBytes }: AesGcmContext): AesGcmParams {
  // A member that is undefined counts as left out, WebIDL §3.2.17.
  return {
    name: 'AES-GCM',
    iv: nonce,
    additionalData,
    tagLength: tagBytes && tagBytes * 8,
  } as AesGcmParams
}
