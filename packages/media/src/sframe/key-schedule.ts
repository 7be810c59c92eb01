/**
 * From a base key to the key and the salt of one KID (RFC 9605 §4.4.2), by WebCrypto's HKDF. Keys come
 * out as objects that cannot be exported; only the salt, which is no secret, is bytes.
 *
 * @module
 */
import { concatBytes, u64be } from '../bytes.ts'
import type { Suite } from './suite.ts'
import { NONCE_BYTES } from './suite.ts'

/** What to derive: the suite, the key id, and which direction the result may be used in. */
export interface KeyPurpose {
  readonly suite: Suite
  readonly kid: bigint
  readonly use: 'seal' | 'open'
}

/** Keys of one KID. The CTR suites have two. */
export type SFrameKeys =
  | { readonly type: 'gcm'; readonly key: CryptoKey; readonly salt: Uint8Array<ArrayBuffer> }
  | {
      readonly type: 'ctr-hmac'
      readonly encryptionKey: CryptoKey
      readonly authenticationKey: CryptoKey
      readonly salt: Uint8Array<ArrayBuffer>
    }

/**
 * Takes over a base key: the result cannot be exported, and `bytes` are overwritten with zeros, so the
 * caller must not use them afterwards (spec M16).
 */
export async function importBaseKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const imported = crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey', 'deriveBits'])
  try {
    return await imported
  } finally {
    bytes.fill(0)
  }
}

/** Derives the keys for `purpose` from an imported base key. */
export async function deriveSFrameKeys(
  baseKey: CryptoKey,
  purpose: KeyPurpose,
): Promise<SFrameKeys> {
  const { suite } = purpose
  const salt = new Uint8Array(
    await crypto.subtle.deriveBits(expansion('salt', purpose), baseKey, NONCE_BYTES * 8),
  )
  if (suite.type === 'gcm') {
    const key = await crypto.subtle.deriveKey(
      expansion('key', purpose),
      baseKey,
      { name: 'AES-GCM', length: suite.keyBytes * 8 },
      false,
      [purpose.use === 'seal' ? 'encrypt' : 'decrypt'],
    )
    return { type: 'gcm', key, salt }
  }
  return { type: 'ctr-hmac', ...(await deriveCtrKeys(baseKey, purpose)), salt }
}

/** The HKDF parameters of the key or the salt: no salt, and the label with KID and suite. */
export function expansion(
  part: 'key' | 'salt',
  purpose: { readonly suite: Suite; readonly kid: bigint },
): HkdfParams {
  const label = new TextEncoder().encode(`SFrame 1.0 Secret ${part} `)
  const info = concatBytes([label, u64be(purpose.kid), Uint8Array.of(0, purpose.suite.id)])
  return { name: 'HKDF', hash: purpose.suite.hash, salt: new Uint8Array(0), info }
}

const deriveCtrKeys = async (
  baseKey: CryptoKey,
  purpose: KeyPurpose,
): Promise<{ readonly encryptionKey: CryptoKey; readonly authenticationKey: CryptoKey }> => {
  const both = new Uint8Array(
    await crypto.subtle.deriveBits(expansion('key', purpose), baseKey, purpose.suite.keyBytes * 8),
  )
  try {
    return {
      encryptionKey: await crypto.subtle.importKey(
        'raw',
        both.subarray(0, CTR_KEY_BYTES),
        'AES-CTR',
        false,
        // CTR mode is its own inverse: opening encrypts too.
        ['encrypt'],
      ),
      authenticationKey: await crypto.subtle.importKey(
        'raw',
        both.subarray(CTR_KEY_BYTES),
        { name: 'HMAC', hash: purpose.suite.hash },
        false,
        ['sign'],
      ),
    }
  } finally {
    both.fill(0)
  }
}

/** Nka: the first part of a CTR suite's key encrypts, the rest authenticates (RFC 9605 §4.5.1). */
const CTR_KEY_BYTES = 16
