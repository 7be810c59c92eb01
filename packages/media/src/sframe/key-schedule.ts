/**
 * Derives the key and the salt of one KID from a base key (RFC 9605 §4.4.2). Keys come out as objects that
 * cannot be exported; the salt, which is no secret, comes out as bytes.
 *
 * @module
 */
import { concatBytes, textToBytes, uintToBytes } from '@conclave/base'
import { deriveAesGcmKey, deriveBytes, importAndWipe, webCrypto, wipe } from '@conclave/crypto'
import type { HkdfOptions, SecretKey } from '@conclave/crypto'
import type { Suite } from './suite.ts'
import { NONCE_BYTES } from './suite.ts'

/** The purpose of derived keys: the suite, the key id, and the direction they may be used in. */
export interface KeyPurpose {
  readonly suite: Suite
  readonly kid: bigint
  readonly use: 'seal' | 'open'
}

/** Keys of one KID. The CTR suites have two. */
export type SFrameKeys = GcmKeys | CtrKeys

/** The key and the salt of a GCM suite. */
export interface GcmKeys {
  readonly type: 'gcm'
  readonly key: SecretKey
  readonly salt: Uint8Array<ArrayBuffer>
}

/** The keys and the salt of a CTR suite. */
export interface CtrKeys {
  readonly type: 'ctr-hmac'
  readonly encryptionKey: CryptoKey
  readonly authenticationKey: CryptoKey
  readonly salt: Uint8Array<ArrayBuffer>
}

/** Derives the keys for `purpose` from a base key that `importHkdfKey` imported. */
export async function deriveSFrameKeys(
  baseKey: SecretKey,
  purpose: KeyPurpose,
): Promise<SFrameKeys> {
  const { suite, use } = purpose
  const expansion = expansionOf('key', purpose)
  const salt = await deriveBytes(baseKey, {
    ...expansionOf('salt', purpose),
    length: NONCE_BYTES,
  })
  if (suite.type === 'gcm') {
    const usages: ('encrypt' | 'decrypt')[] = [use === 'seal' ? 'encrypt' : 'decrypt']
    const key = await deriveAesGcmKey(baseKey, { ...expansion, bytes: suite.keyBytes, usages })
    return { type: 'gcm', key, salt }
  }
  const bytes = await deriveBytes(baseKey, { ...expansion, length: suite.keyBytes })
  return { type: 'ctr-hmac', ...(await importCtrKeys(bytes)), salt }
}

/** The HKDF parameters of the key or the salt: no salt, and the label with KID and suite. */
export function expansionOf(
  part: 'key' | 'salt',
  { suite, kid }: { readonly suite: Suite; readonly kid: bigint },
): HkdfOptions {
  const label = textToBytes(`SFrame 1.0 Secret ${part} `)
  return { hash: suite.hash, info: concatBytes(label, uintToBytes(kid, 8), [0, suite.id]) }
}

/** Splits the key of a CTR suite. Overwrites `bytes`. */
const importCtrKeys = async (
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Pick<CtrKeys, 'encryptionKey' | 'authenticationKey'>> => {
  const [head, tail] = [bytes.slice(0, CTR_KEY_BYTES), bytes.slice(CTR_KEY_BYTES)]
  wipe(bytes)
  try {
    // CTR mode is its own inverse: opening encrypts too.
    const usages: KeyUsage[] = ['encrypt']
    const encryptionKey = await webCrypto().importKey('raw', head, 'AES-CTR', false, usages)
    const hmac = { name: 'HMAC', hash: 'SHA-256' } as const
    return { encryptionKey, authenticationKey: await importAndWipe(tail, hmac, ['sign']) }
  } finally {
    wipe(head, tail)
  }
}

/** Nka: the first part of a CTR suite's key encrypts, the rest authenticates (RFC 9605 §4.5.1). */
const CTR_KEY_BYTES = 16
