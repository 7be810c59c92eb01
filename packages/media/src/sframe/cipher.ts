/**
 * Authenticated encryption of one frame body under a KID: AES-GCM, and AES-CTR with HMAC for the
 * published vectors (RFC 9605 §4.4 and §4.5).
 *
 * @module
 */
import { concatBytes, uintToBytes } from '@conclave/base'
import { webCrypto } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
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
  encrypt(context: FrameContext, plain: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
  /** The plaintext; `undefined`, not an exception, if anything does not authenticate. */
  decrypt(context: FrameContext, sealed: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer | undefined>
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
  const nonce = new Uint8Array(NONCE_BYTES)
  writeNonce(nonce, { salt, ctr })
  return nonce
}

function writeNonce(
  nonce: Uint8Array<ArrayBuffer>,
  { salt, ctr }: { readonly salt: Uint8Array; readonly ctr: bigint },
): void {
  nonce.set(salt)
  if (ctr >= SHORT_COUNTERS) {
    const low = new DataView(nonce.buffer, NONCE_BYTES - 8)
    return low.setBigUint64(0, low.getBigUint64(0) ^ ctr)
  }
  for (let at = NONCE_BYTES - 1, rest = Number(ctr); rest > 0; rest >>>= 8, at -= 1) {
    nonce[at] = (nonce[at] ?? 0) ^ (rest & 0xff)
  }
}

/**
 * WebCrypto copies its arguments before it returns a promise: the nonce of the next frame takes the same memory, also while a frame
 * is in the cipher. Memory that engines have to make for each frame costs as much as its encryption.
 */
const gcmCipher = (suite: Suite, keys: GcmKeys): FrameCipher => {
  const subtle = webCrypto()
  // A key for one direction is WebCrypto's in every runtime.
  const key = keys.key as CryptoKey
  const { salt } = keys
  const iv = new Uint8Array(NONCE_BYTES)
  const parameters = { name: 'AES-GCM', tagLength: 8 * suite.tagBytes, iv, additionalData: iv }
  const parametersOf = ({ ctr, aad }: FrameContext): AesGcmParams => {
    writeNonce(iv, { salt, ctr })
    parameters.additionalData = aad
    return parameters
  }
  return {
    suite,
    encrypt: (context, plain) => subtle.encrypt(parametersOf(context), key, plain),
    decrypt: (context, sealed) =>
      subtle.decrypt(parametersOf(context), key, sealed).catch(() => undefined),
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
      return concatBytes(ct, await tagOf(nonce, aad, ct)).buffer
    },
    async decrypt({ ctr, aad }, sealed) {
      const end = sealed.length - suite.tagBytes
      if (end < 0) return undefined
      const nonce = frameNonce(keys.salt, ctr)
      const ct = sealed.subarray(0, end)
      const isAuthentic = equalTags(await tagOf(nonce, aad, ct), sealed.subarray(end))
      return isAuthentic ? (await crypt(nonce, ct)).buffer : undefined
    },
  }
}

/** Compares in constant time, so that the duration does not reveal where the bytes differ. */
const equalTags = (a: Uint8Array, b: Uint8Array): boolean => {
  let difference = a.length ^ b.length
  for (const [i, byte] of a.entries()) difference |= byte ^ (b[i] ?? 0)
  return difference === 0
}

/** Counters below this fit in the integers of shifts. */
const SHORT_COUNTERS = 2n ** 32n
