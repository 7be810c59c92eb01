import { decryptAesGcm, encryptAesGcm } from '@conclave/crypto'
import type { AesGcmContext } from '@conclave/crypto'
import { isKeyGone, unknownKeyError } from '../keys/event-keys.ts'
import type { SealingKey, UsableKey } from '../keys/event-keys.ts'

/**
 * Encrypts under a key of {@link SealingKey}, once it is derived. With a key and a plaintext that are ready, the
 * plaintext is read before the call returns. spec P14, P36
 *
 * @param contextOf names the nonce, which must be new for this key
 * @throws E2eeError `ERR_E2EE_UNKNOWN_KEY` when the key retires meanwhile
 */
export async function encryptUnder(
  sealing: SealingKey,
  content: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
  contextOf: (key: CryptoKey) => AesGcmContext,
): Promise<{ readonly context: AesGcmContext; readonly ciphertext: Uint8Array<ArrayBuffer> }> {
  let { key } = sealing
  let plaintext = content
  if (key instanceof Promise || plaintext instanceof Promise) {
    ;[key, plaintext] = await Promise.all([key, plaintext])
  }
  const context = contextOf(key)
  const ciphertext = await encryptAesGcm(key, context, plaintext)
  if (!sealing.confirm(key)) throw unknownKeyError(sealing)
  return { context, ciphertext }
}

/**
 * Decrypts under a key that an envelope names, once it is derived. Reads its arguments before it returns. The caller
 * must call `confirm` when it has checked everything else.
 */
export async function decryptUnder(
  { key }: Pick<UsableKey, 'key'>,
  { nonce, additionalData }: Required<Pick<AesGcmContext, 'nonce' | 'additionalData'>>,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<
  | { readonly key: CryptoKey; readonly plaintext: Uint8Array<ArrayBuffer> }
  | 'unknown-key'
  | 'not-authentic'
> {
  if (!(key instanceof Promise)) {
    const plaintext = await decryptAesGcm(key, { nonce, additionalData }, sealed)
    return plaintext === undefined ? 'not-authentic' : { key, plaintext }
  }
  // The envelope is the caller's, who may change it while the key is derived.
  const [nonceCopy, sealedCopy] = [nonce.slice(), sealed.slice()]
  let ready: CryptoKey
  try {
    ready = await key
  } catch (error) {
    if (isKeyGone(error)) return 'unknown-key'
    throw error
  }
  return decryptUnder({ key: ready }, { nonce: nonceCopy, additionalData }, sealedCopy)
}
