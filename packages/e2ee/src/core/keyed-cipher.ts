import { concatBytes } from '@conclave/base'
import { decryptAesGcm, encryptAesGcm } from '@conclave/crypto'
import type { AesGcmContext } from '@conclave/crypto'
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
  { key }: UsableKey,
  context: AesGcmContext,
  content: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const encrypt = (
    ready: CryptoKey,
    plaintext: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> =>
    encryptAesGcm(ready, context, concatBytes(COMMITMENT, plaintext))
  // A promise of any realm.
  if ('then' in key || 'then' in content) {
    return Promise.all([key, content]).then(([ready, plaintext]) => encrypt(ready, plaintext))
  }
  return encrypt(key, content)
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
  const ready = 'then' in key ? await unlessGone(key) : key
  if (ready === undefined) return UNKNOWN_KEY
  const content = await decryptAesGcm(ready, context, sealed)
  if (content !== undefined && COMMITMENT.every((zero, at) => content[at] === zero))
    return content.subarray(COMMITMENT_BYTES)
  if (!ready.usages.includes('encrypt')) return undefined
  // Everything that the key seals with this nonce begins so.
  const first = await encryptAesGcm(ready, { nonce: context.nonce }, COMMITMENT)
  return COMMITMENT.every((_, at) => first[at] === sealed[at]) ? undefined : OTHER_KEY
}

/** `undefined` when the key retired while it was derived. */
const unlessGone = (key: Promise<CryptoKey>): Promise<CryptoKey | undefined> =>
  key.catch((error: unknown) => {
    if (!isKeyGone(error)) throw error
    return undefined
  })

const COMMITMENT = new Uint8Array(COMMITMENT_BYTES)
