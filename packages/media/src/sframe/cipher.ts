/**
 * Authenticated encryption of one frame body under a KID: AES-GCM, and AES-CTR with HMAC for the
 * published vectors (RFC 9605 §4.4 and §4.5).
 *
 * @module
 */
import { concatBytes, uintToBytes } from '@conclave/base'
import { decryptAesGcm, encryptAesGcm, webCrypto } from '@conclave/crypto'
import type { AesGcmContext, SecretKey } from '@conclave/crypto'
import type { CtrKeys, GcmKeys, KeyPurpose } from './key-schedule.ts'
import { deriveSFrameKeys } from './key-schedule.ts'
import type { Suite } from './suite.ts'
import { NONCE_BYTES } from './suite.ts'

/** The data authenticated beside the body: the counter (as nonce) and the additional data. */
export interface FrameContext {
  readonly ctr: bigint
  readonly aad: Uint8Array<ArrayBuffer>
}

/** The cipher of one key. You must never seal twice with the same counter: see `SenderKey`. */
export interface FrameCipher {
  readonly suite: Suite
  /** Ciphertext, then tag. */
  encrypt(context: FrameContext, plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
  /** The plaintext; `undefined`, not an exception, if anything does not authenticate. */
  decrypt(
    context: FrameContext,
    sealed: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>
}

/** Derives the keys for `purpose` from an imported base key and makes a cipher of them. */
export async function createFrameCipher(
  baseKey: SecretKey,
  purpose: KeyPurpose,
): Promise<FrameCipher> {
  const keys = await deriveSFrameKeys(baseKey, purpose)
  return keys.type === 'gcm' ? gcmCipher(purpose.suite, keys) : ctrHmacCipher(purpose.suite, keys)
}

/** The nonce of a frame: the salt, its last eight bytes mixed with the counter (RFC 9605 §4.4.3). */
export function frameNonce(salt: Uint8Array, ctr: bigint): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(salt)
  const low = new DataView(nonce.buffer, NONCE_BYTES - 8)
  low.setBigUint64(0, low.getBigUint64(0) ^ ctr)
  return nonce
}

const gcmCipher = (suite: Suite, { key, salt }: GcmKeys): FrameCipher => {
  const contextOf = ({ ctr, aad }: FrameContext): AesGcmContext => ({
    nonce: frameNonce(salt, ctr),
    additionalData: aad,
    tagBytes: suite.tagBytes,
  })
  return {
    suite,
    encrypt: async (context, plain) => encryptAesGcm(key, contextOf(context), plain),
    decrypt: async (context, sealed) => decryptAesGcm(key, contextOf(context), sealed),
  }
}

const ctrHmacCipher = (suite: Suite, keys: CtrKeys): FrameCipher => {
  const crypt = async (
    nonce: Uint8Array,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> => {
    const counter = concatBytes(nonce, new Uint8Array(4))
    const params = { name: 'AES-CTR', counter, length: 32 }
    return new Uint8Array(await webCrypto().encrypt(params, keys.encryptionKey, data))
  }
  const tagOf = async (
    nonce: Uint8Array,
    aad: Uint8Array,
    ct: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer>> => {
    const lengths = [aad.length, ct.length, suite.tagBytes].map((n) => uintToBytes(n, 8))
    const input = concatBytes(...lengths, nonce, aad, ct)
    const tag = await webCrypto().sign('HMAC', keys.authenticationKey, input)
    return new Uint8Array(tag).slice(0, suite.tagBytes)
  }
  return {
    suite,
    async encrypt({ ctr, aad }, plain) {
      const nonce = frameNonce(keys.salt, ctr)
      const ct = await crypt(nonce, plain)
      return concatBytes(ct, await tagOf(nonce, aad, ct))
    },
    async decrypt({ ctr, aad }, sealed) {
      const end = sealed.length - suite.tagBytes
      if (end < 0) return undefined
      const nonce = frameNonce(keys.salt, ctr)
      const ct = sealed.subarray(0, end)
      const isAuthentic = equalTags(await tagOf(nonce, aad, ct), sealed.subarray(end))
      return isAuthentic ? crypt(nonce, ct) : undefined
    },
  }
}

/** Compares in constant time, so that the duration does not reveal where the bytes differ. */
const equalTags = (a: Uint8Array, b: Uint8Array): boolean => {
  let difference = a.length ^ b.length
  for (const [i, byte] of a.entries()) difference |= byte ^ (b[i] ?? 0)
  return difference === 0
}
