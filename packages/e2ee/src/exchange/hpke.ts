import { checkMethods } from '@conclave/base'
import { importAgreementKey, importAgreementSeed, throwIfUnsupported } from '@conclave/crypto'
import type { CurveKeyPair } from '@conclave/crypto'
import { isSmallOrder } from '@conclave/crypto/verify'
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import type { KemInterface } from '@hpke/core'

/** The bytes by which a ciphertext is longer than its plaintext. RFC 9180 §7.3 */
export const HPKE_TAG_BYTES = 16

/** A kind of keys that prekeys have: `X25519_KEM`, or `X_WING` of `@conclave/e2ee/exchange-hybrid`. Its members are not for applications. spec E17 */
export interface ExchangeKem {
  /** The number that stands in prekeys. */
  readonly id: number
  readonly publicKeyBytes: number
  readonly encapsulatedBytes: number
  /** The KEM as HPKE takes it. */
  createKem(): KemInterface
  /** Resolves to `undefined`, not rejects, for a key that no honest party has. */
  importPublicKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey | undefined>
  /** The keys of a seed of 32 bytes. Takes over `seed` and overwrites it: pass a copy. */
  importSeed(seed: Uint8Array<ArrayBuffer>): Promise<CurveKeyPair>
}

/** X25519, as identities have it: DHKEM(X25519, HKDF-SHA256) of RFC 9180 §7.1. */
export const X25519_KEM: ExchangeKem = {
  id: 1,
  publicKeyBytes: 32,
  encapsulatedBytes: 32,
  createKem: () => new DhkemX25519HkdfSha256(),
  importPublicKey: async (bytes) =>
    isSmallOrder('X25519', bytes) ? undefined : importAgreementKey(bytes),
  importSeed: importAgreementSeed,
}

/** @throws TypeError that names the argument */
export function checkKem(name: string, kem: unknown): ExchangeKem {
  checkMethods(name, kem, 'createKem', 'importPublicKey', 'importSeed')
  return kem as ExchangeKem
}

/** One seal that was begun: its encapsulated key is known before its plaintext. */
export interface HpkeSender {
  readonly enc: Uint8Array<ArrayBuffer>
  /** Ciphertext, then tag. You must call it once only. */
  seal(plaintext: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

/** Begins a seal to a public key, in base mode, which does not authenticate the sender. RFC 9180 §5.1.1 */
export async function startSeal({
  kem,
  publicKey,
  info,
}: {
  readonly kem: ExchangeKem
  readonly publicKey: CryptoKey
  readonly info: Uint8Array<ArrayBuffer>
}): Promise<HpkeSender> {
  const parameters = { recipientPublicKey: publicKey, info }
  const sender = await makeSuite(kem).createSenderContext(parameters)
  return {
    enc: new Uint8Array(sender.enc),
    seal: async (plaintext) => new Uint8Array(await sender.seal(plaintext)),
  }
}

/** The content of a seal, with the encapsulated key that it came with. */
export interface OpenedSeal {
  readonly enc: Uint8Array<ArrayBuffer>
  /** You must overwrite it. */
  readonly plaintext: Uint8Array<ArrayBuffer>
}

/**
 * Opens an encapsulated key with its ciphertext, sealed to these keys. Returns `undefined`, not throws, for anything
 * else. RFC 9180 §6.1
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function openSeal(
  sealed: Uint8Array<ArrayBuffer>,
  {
    kem,
    keys,
    info,
  }: {
    readonly kem: ExchangeKem
    readonly keys: CurveKeyPair
    readonly info: Uint8Array<ArrayBuffer>
  },
): Promise<OpenedSeal | undefined> {
  try {
    // Both halves: the public one cannot be derived from a private key that cannot be exported.
    const publicKey = await kem.importPublicKey(keys.publicKey)
    if (publicKey === undefined) return undefined
    const recipientKey = { privateKey: keys.privateKey, publicKey }
    // Copies: the library reads the whole buffer behind a view.
    const enc = sealed.slice(0, kem.encapsulatedBytes)
    const ciphertext = sealed.slice(kem.encapsulatedBytes)
    const opened = await makeSuite(kem).open({ recipientKey, info, enc }, ciphertext)
    return { enc, plaintext: new Uint8Array(opened) }
  } catch (cause) {
    throwIfUnsupported('X25519', cause)
    return undefined
  }
}

/** AES-256 as in the rest of the package; with X25519 the suite is 0x0020, 0x0001, 0x0002. spec E10 */
const makeSuite = (kem: ExchangeKem): CipherSuite =>
  new CipherSuite({ kem: kem.createKem(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
