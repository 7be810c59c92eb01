import { copyBytes } from '../bytes.ts'
import { CURVE_KEY_BYTES, importSigningSeed, signBytes } from '../ed25519.ts'

/** Length of the seed of an access key, and of its public half, in bytes. RFC 8032 §5.1.5 */
export const ACCESS_KEY_SEED_BYTES: number = CURVE_KEY_BYTES

/** Signs a hub's challenge: who can, may join the room. The hub learns the public half alone. spec K2 */
export interface AccessKey {
  /** 32 bytes, Ed25519; the room's id certifies it. A fresh copy with each read. spec K3 */
  readonly publicKey: Uint8Array<ArrayBuffer>

  /**
   * An Ed25519 signature, 64 bytes. You must sign nothing but access proofs (`encodeAccessProof`) with it.
   */
  sign(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>
}

/**
 * The access key of a seed. Its private half cannot be read out again.
 *
 * @param seed 32 bytes; copied: yours stays yours, overwrite it
 * @throws TypeError for anything else
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` when the platform has no Ed25519 that works. spec K4
 */
export async function createAccessKey(seed: Uint8Array): Promise<AccessKey> {
  const copy = copyBytes('seed', seed, ACCESS_KEY_SEED_BYTES)
  const { publicKey, privateKey } = await importSigningSeed(copy)
  return {
    get publicKey() {
      return new Uint8Array(publicKey)
    },
    sign: async (bytes) => signBytes(privateKey, copyBytes('bytes', bytes)),
  }
}
