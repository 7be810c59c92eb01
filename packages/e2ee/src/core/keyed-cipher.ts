import { decryptAesGcm, encryptAesGcm } from '@conclave/crypto'
import type { AesGcmContext } from '@conclave/crypto'
import { isKeyGone } from '../keys/event-keys.ts'
import type { UsableKey } from '../keys/event-keys.ts'

/**
 * Encrypts under a key, once it is derived. With a key and a plaintext that are ready, the plaintext is read before
 * the call returns. The caller must call `confirm` afterwards.
 */
export function encryptUnder(
  { key }: UsableKey,
  context: AesGcmContext,
  content: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  // A promise of any realm.
  if (!('then' in key || 'then' in content)) {
    return encryptAesGcm(key, context, content)
  }
  return Promise.all([key, content]).then(([ready, plaintext]) =>
    encryptAesGcm(ready, context, plaintext),
  )
}

/**
 * Decrypts under a key that an envelope names, once it is derived; `undefined` when it does not authenticate. Takes
 * over its arguments. The caller must call `confirm` when it has checked everything else.
 */
export function decryptUnder(
  { key }: Pick<UsableKey, 'key'>,
  { nonce, additionalData }: Required<Pick<AesGcmContext, 'nonce' | 'additionalData'>>,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined | 'unknown-key'> {
  if (!('then' in key)) return decryptAesGcm(key, { nonce, additionalData }, sealed)
  return key.then(
    (ready) => decryptAesGcm(ready, { nonce, additionalData }, sealed),
    (error: unknown) => {
      if (isKeyGone(error)) return 'unknown-key'
      throw error
    },
  )
}
