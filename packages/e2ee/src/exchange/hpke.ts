import { importAgreementKey, throwIfUnsupported } from '@conclave/crypto'
import type { CurveKeyPair } from '@conclave/crypto'
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'

/** Length of an encapsulated key in bytes. RFC 9180 §7.1 */
export const ENCAPSULATED_BYTES = 32

/** The bytes by which a ciphertext is longer than its plaintext. RFC 9180 §7.3 */
export const HPKE_TAG_BYTES = 16

/** One seal that was begun: its encapsulated key is known before its plaintext. */
export interface HpkeSender {
  readonly enc: Uint8Array<ArrayBuffer>
  /** Ciphertext, then tag. You must call it once only. */
  seal(plaintext: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

/** Begins a seal to a public key, in base mode, which does not authenticate the sender. RFC 9180 §5.1.1 */
export async function startSeal({
  to,
  info,
}: {
  readonly to: Uint8Array<ArrayBuffer>
  readonly info: Uint8Array<ArrayBuffer>
}): Promise<HpkeSender> {
  const recipientPublicKey = await importAgreementKey(to)
  const sender = await makeSuite().createSenderContext({ recipientPublicKey, info })
  return {
    enc: new Uint8Array(sender.enc),
    seal: async (plaintext) => new Uint8Array(await sender.seal(plaintext)),
  }
}

/** Opens a ciphertext that was sealed to these keys. Returns `undefined`, not throws, for anything else. RFC 9180 §6.1 */
export async function hpkeOpen(
  { enc, ciphertext }: { readonly enc: Uint8Array; readonly ciphertext: Uint8Array },
  { keys, info }: { readonly keys: CurveKeyPair; readonly info: Uint8Array<ArrayBuffer> },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    // Both halves: the public one cannot be derived from a private key that cannot be exported.
    const publicKey = await importAgreementKey(keys.publicKey)
    const recipientKey = { privateKey: keys.privateKey, publicKey }
    // Copies: the library reads the whole buffer behind a view.
    const parameters = { recipientKey, info, enc: enc.slice() }
    return new Uint8Array(await makeSuite().open(parameters, ciphertext.slice()))
  } catch (cause) {
    throwIfUnsupported('X25519', cause)
    return undefined
  }
}

/** AES-256 as in the rest of the package; the suite is 0x0020, 0x0001, 0x0002. spec E10 */
const makeSuite = (): CipherSuite =>
  new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  })
