import { decodeBase64Url } from '@conclave/base'
import { unsupportedError } from '@conclave/crypto'
import { concatBytes, textToBytes } from './bytes.ts'
import { webCrypto } from './web-crypto.ts'

/** Length of an Ed25519 seed, and of a public key, in bytes. RFC 8032 §5.1.5 */
export const CURVE_KEY_BYTES = 32

/** Length of an Ed25519 signature in bytes. RFC 8032 §5.1.6 */
export const SIGNATURE_BYTES = 64

/** The name of the algorithm in WebCrypto. */
export const ED25519 = 'Ed25519'

/** A private key that cannot be read out, and its public half. */
export interface CurveKeyPair {
  /** Never handed out: who asks gets a copy. */
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly privateKey: CryptoKey
}

/**
 * The signing keys of a seed, after a signature of theirs verified. Takes over `seed` and overwrites it: pass a
 * copy. spec K4
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importSigningSeed(seed: Uint8Array<ArrayBuffer>): Promise<CurveKeyPair> {
  const subtle = webCrypto()
  const pkcs8 = encodePrivateKey(ED25519, seed)
  seed.fill(0)
  try {
    const [publicKey, privateKey] = await Promise.all([
      derivePublicKey(pkcs8),
      subtle.importKey('pkcs8', pkcs8, ED25519, false, ['sign']),
    ])
    const pair = { publicKey, privateKey }
    await checkSigningPair(pair)
    return pair
  } catch (cause) {
    throw unsupportedError(ED25519, cause)
  } finally {
    pkcs8.fill(0)
  }
}

/** An Ed25519 signature, 64 bytes. Reads `bytes` before it returns. */
export async function signBytes(
  privateKey: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await webCrypto().sign(ED25519, privateKey, bytes))
}

/** Rejects unless the public key verifies what the private key signs. spec K4 */
export async function checkSigningPair({ publicKey, privateKey }: CurveKeyPair): Promise<void> {
  const subtle = webCrypto()
  const verifyKey = await subtle.importKey('raw', publicKey, ED25519, false, ['verify'])
  const probe = textToBytes('conclave/1 key check')
  if (!(await subtle.verify(ED25519, verifyKey, await signBytes(privateKey, probe), probe))) {
    throw new Error('the public key does not verify what the private key signed')
  }
}

/** A PrivateKeyInfo of the curve without attributes. You must overwrite it. RFC 8410 §7 */
export function encodePrivateKey(
  algorithm: 'Ed25519' | 'X25519',
  seed: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concatBytes(PKCS8_HEAD, [algorithm === ED25519 ? 0x70 : 0x6e], PKCS8_TAIL, seed)
}

/**
 * WebCrypto gives the public half of a private key nowhere but in the `x` of a JWK, which needs an extractable
 * key; it lives for this call only.
 */
async function derivePublicKey(pkcs8: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await webCrypto().importKey('pkcs8', pkcs8, ED25519, true, ['sign'])
  const { x } = await webCrypto().exportKey('jwk', key)
  const publicKey = x === undefined ? undefined : decodeBase64Url(x)
  if (publicKey?.length !== CURVE_KEY_BYTES) throw new Error('no public key in the JWK')
  return publicKey
}

/** Up to the last byte of the curve's object identifier. */
const PKCS8_HEAD = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65]
/** From there to the 32 bytes of the key. */
const PKCS8_TAIL = [0x04, 0x22, 0x04, 0x20]
