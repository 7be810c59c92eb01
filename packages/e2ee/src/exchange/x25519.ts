import { unsupportedError } from '@conclave/crypto'
import { CURVE_KEY_BYTES, encodePrivateKey } from '../ed25519.ts'
import type { CurveKeyPair } from '../ed25519.ts'
import { webCrypto } from '../web-crypto.ts'

/**
 * The agreement keys of a seed. Takes over `seed` and overwrites it: pass a copy. RFC 7748 §5
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importAgreementSeed(seed: Uint8Array<ArrayBuffer>): Promise<CurveKeyPair> {
  const subtle = webCrypto()
  const pkcs8 = encodePrivateKey(X25519, seed)
  seed.fill(0)
  try {
    const privateKey = await subtle.importKey('pkcs8', pkcs8, X25519, false, USAGES)
    // The public half is the agreement with the base point. RFC 7748 §6.1
    const publicKey = await agree(privateKey, await importPublic(BASE_POINT.slice()))
    const pair = { publicKey, privateKey }
    await checkAgreementPair(pair)
    return pair
  } catch (cause) {
    throw unsupportedError(X25519, cause)
  } finally {
    pkcs8.fill(0)
  }
}

/** New agreement keys. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export async function generateAgreementPair(): Promise<CurveKeyPair> {
  const subtle = webCrypto()
  try {
    const pair = (await subtle.generateKey(X25519, false, USAGES)) as CryptoKeyPair
    const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
    const keys = { publicKey, privateKey: pair.privateKey }
    await checkAgreementPair(keys)
    return keys
  } catch (cause) {
    throw unsupportedError(X25519, cause)
  }
}

/** Rejects unless both halves lead to the same secret. spec E3 */
export async function checkAgreementPair({ publicKey, privateKey }: CurveKeyPair): Promise<void> {
  const other = (await webCrypto().generateKey(X25519, false, USAGES)) as CryptoKeyPair
  const imported = await importPublic(publicKey)
  const [one, same] = await Promise.all([
    agree(privateKey, other.publicKey),
    agree(other.privateKey, imported),
  ])
  if (one.some((byte, at) => byte !== same[at]))
    throw new Error('the halves do not belong together')
}

/** A public key as WebCrypto takes it. */
export function importPublic(publicKey: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return webCrypto().importKey('raw', publicKey, X25519, true, [])
}

async function agree(
  privateKey: CryptoKey,
  publicKey: CryptoKey,
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = { name: X25519, public: publicKey }
  return new Uint8Array(await webCrypto().deriveBits(parameters, privateKey, CURVE_KEY_BYTES * 8))
}

const X25519 = 'X25519'
const USAGES: KeyUsage[] = ['deriveBits']
/** The coordinate 9. RFC 7748 §4.1 */
const BASE_POINT: Uint8Array<ArrayBuffer> = Uint8Array.of(9, ...new Uint8Array(CURVE_KEY_BYTES - 1))
