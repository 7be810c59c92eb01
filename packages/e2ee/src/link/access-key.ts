import { copyBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, importSigningSeed, signBytes } from '@conclave/crypto'

/** Length of the seed of an access key, and of its public half, in bytes. RFC 8032 §5.1.5 */
export const ACCESS_KEY_SEED_BYTES: number = CURVE_KEY_BYTES

/**
 * Signs a hub's challenge; a valid signature admits the session to the room. The hub learns only the public half. spec
 * K2
 */
export interface AccessKey {
  /** 32 bytes, Ed25519; the room's id certifies it. A fresh copy with each read. spec K3 */
  readonly publicKey: Uint8Array<ArrayBuffer>

  /**
   * An Ed25519 signature, 64 bytes. You must sign nothing but access proofs (`encodeAccessProof`) with it.
   */
  sign(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>
}

/**
 * Makes the access key of a seed. Its private half cannot be exported.
 *
 * @param seed 32 bytes; copied, overwrite your copy
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
