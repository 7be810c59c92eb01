import { concatBytes } from '@conclave/base'
import type { Awaitable } from '@conclave/base'
import { decryptAesGcm, encryptAesGcm } from '@conclave/crypto'
import type { AesGcmContext, SecretKey } from '@conclave/crypto'
import { isKeyGone } from '../keys/event-keys.ts'
import type { UsableKey } from '../keys/event-keys.ts'
import { OTHER_KEY, UNKNOWN_KEY } from './dropped.ts'
import type { KeyMismatch } from './dropped.ts'

/** How many zero bytes stand before each plaintext: a ciphertext opens under one key only. spec P16 */
export const COMMITMENT_BYTES = 16

/**
 * Encrypts under a key, once it is derived. With a key and a plaintext that are ready, the plaintext is read before
 * the call returns. The caller must call `confirm` afterwards.
 */
export function encryptUnder(
  { key }: Pick<UsableKey, 'key'>,
  context: AesGcmContext,
  content: Awaitable<Uint8Array<ArrayBuffer>>,
): Awaitable<Uint8Array<ArrayBuffer>> {
  // A promise of any realm.
  if ('then' in key || 'then' in content) {
    return Promise.all([key, content]).then(([ready, plaintext]) =>
      encryptUnder({ key: ready }, context, plaintext),
    )
  }
  return encryptAesGcm(key, context, concatBytes(COMMITMENT, content))
}

/**
 * Decrypts under a key that an envelope names, once it is derived; `undefined` when it does not authenticate. Takes
 * over its arguments. The caller must call `confirm` when it has checked everything else.
 */
export async function decryptUnder(
  { key }: Pick<UsableKey, 'key'>,
  context: Required<Pick<AesGcmContext, 'nonce' | 'additionalData'>>,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined | KeyMismatch> {
  let ready: SecretKey
  try {
    ready = await key
  } catch (error) {
    // It may have retired while it was derived.
    if (!isKeyGone(error)) throw error
    return UNKNOWN_KEY
  }
  const content = await decryptAesGcm(ready, context, sealed)
  if (COMMITMENT.every((_, at) => content?.[at] === 0)) return content?.subarray(COMMITMENT_BYTES)
  // A key object, of Node, has no usages: it may do both.
  if ((ready as Partial<CryptoKey>).usages?.includes('encrypt') === false) return undefined
  // Everything that the key seals with this nonce begins so.
  const first = await encryptAesGcm(ready, { nonce: context.nonce }, COMMITMENT)
  return COMMITMENT.every((_, at) => first[at] === sealed[at]) ? undefined : OTHER_KEY
}

/** {@link COMMITMENT_BYTES} zeros. */
export const COMMITMENT: Uint8Array<ArrayBuffer> = new Uint8Array(COMMITMENT_BYTES)
