import { concatBytes } from '@conclave/base'
import { webCrypto, wipe } from './web-crypto.ts'

/** Length of a seed, and of a public key, of either curve in bytes. RFC 7748 §5, RFC 8032 §5.1.5 */
export const CURVE_KEY_BYTES = 32

/** A private key that cannot be exported, and its public half. */
export interface CurveKeyPair {
  /** You must hand out copies only. */
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly privateKey: CryptoKey
}

/**
 * The private keys of a seed, one for each entry of `extractable`. Takes over `seed` and overwrites it: pass a copy.
 */
export async function importCurveSeed<const Flags extends readonly boolean[]>(
  algorithm: 'Ed25519' | 'X25519',
  seed: Uint8Array<ArrayBuffer>,
  { usages, extractable }: { readonly usages: KeyUsage[]; readonly extractable: Flags },
): Promise<{ readonly [At in keyof Flags]: CryptoKey }> {
  const pkcs8 = concatBytes(PKCS8_HEAD, [algorithm === 'Ed25519' ? 0x70 : 0x6e], PKCS8_TAIL, seed)
  wipe(seed)
  try {
    const subtle = webCrypto()
    const keys = extractable.map((is) => subtle.importKey('pkcs8', pkcs8, algorithm, is, usages))
    return (await Promise.all(keys)) as { [At in keyof Flags]: CryptoKey }
  } finally {
    wipe(pkcs8)
  }
}

/** A PrivateKeyInfo without attributes, up to the last byte of the curve's object identifier. RFC 8410 §7 */
const PKCS8_HEAD = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65]
/** From there to the 32 bytes of the seed. */
const PKCS8_TAIL = [0x04, 0x22, 0x04, 0x20]
