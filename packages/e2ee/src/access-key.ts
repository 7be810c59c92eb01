import { decodeBase64Url } from '@conclave/wire'
import { concatBytes, copyBytes, textToBytes } from './bytes.ts'
import { E2eeError } from './errors.ts'
import { webCrypto } from './web-crypto.ts'

/** Length of the seed of an access key, and of its public half, in bytes. RFC 8032 §5.1.5 */
export const ACCESS_KEY_SEED_BYTES = 32

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
 * @throws E2eeError `ERR_E2EE_UNSUPPORTED` when the platform has no Ed25519 that works. spec K4
 */
export async function createAccessKey(seed: Uint8Array): Promise<AccessKey> {
  const subtle = webCrypto()
  const copy = copyBytes('seed', seed, ACCESS_KEY_SEED_BYTES)
  const pkcs8 = concatBytes(PKCS8_PREFIX, copy)
  copy.fill(0)
  try {
    const [publicKey, privateKey] = await Promise.all([
      derivePublicKey(pkcs8),
      subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    ])
    const sign = async (bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
      new Uint8Array(await subtle.sign(ALGORITHM, privateKey, copyBytes('bytes', bytes)))
    await checkKeyPair(publicKey, sign)
    return {
      get publicKey() {
        return new Uint8Array(publicKey)
      },
      sign,
    }
  } catch (cause) {
    throw new E2eeError('ERR_E2EE_UNSUPPORTED', 'Ed25519 is not available', {
      details: { feature: 'Ed25519' },
      cause,
    })
  } finally {
    pkcs8.fill(0)
  }
}

/**
 * WebCrypto gives the public half of a private key nowhere but in the `x` of a JWK, which needs an extractable
 * key; it lives for this call only.
 */
async function derivePublicKey(pkcs8: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await webCrypto().importKey('pkcs8', pkcs8, ALGORITHM, true, ['sign'])
  const { x } = await webCrypto().exportKey('jwk', key)
  const publicKey = x === undefined ? undefined : decodeBase64Url(x)
  if (publicKey?.length !== ACCESS_KEY_SEED_BYTES) throw new Error('no public key in the JWK')
  return publicKey
}

/** spec K4 */
async function checkKeyPair(
  publicKey: Uint8Array<ArrayBuffer>,
  sign: AccessKey['sign'],
): Promise<void> {
  const subtle = webCrypto()
  const verifyKey = await subtle.importKey('raw', publicKey, ALGORITHM, false, ['verify'])
  const probe = textToBytes('conclave/1 key check')
  if (!(await subtle.verify(ALGORITHM, verifyKey, await sign(probe), probe))) {
    throw new Error('the public key does not verify what the private key signed')
  }
}

const ALGORITHM = 'Ed25519'

/** A PrivateKeyInfo of Ed25519 without attributes, up to the 32 bytes of the seed. RFC 8410 §7 */
const PKCS8_PREFIX = Uint8Array.of(
  ...[
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ],
)
