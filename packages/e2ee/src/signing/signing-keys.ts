import { copyBytes } from '@conclave/base'
import {
  checkSigningPair,
  CURVE_KEY_BYTES,
  generateSigningPair,
  importSigningSeed,
  throwIfUnsupported,
} from '@conclave/crypto'
import type { CurveKeyPair } from '@conclave/crypto'
import { copySecret } from '../keys/secret-bytes.ts'

/** Length of a signing seed, and of a public key, in bytes. RFC 8032 §5.1.5 */
export const SIGNING_KEY_BYTES: number = CURVE_KEY_BYTES

/** Signing keys as IndexedDB stores them: the private one cannot be exported there either. */
export interface StoredSigningKeys {
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly privateKey: CryptoKey
}

/**
 * One person's or device's Ed25519 keys. You must use them only for this package's signatures: each purpose has its own
 * label, so none passes for another.
 */
export class SigningKeys {
  readonly #pair: CurveKeyPair

  get [Symbol.toStringTag](): string {
    return 'SigningKeys'
  }

  /** Not for applications: `generateSigningKeys`, `importSigningKeys` and `restoreSigningKeys` make them. */
  constructor(pair: CurveKeyPair) {
    this.#pair = pair
  }

  /** 32 bytes, for everyone who verifies. A fresh copy with each read. */
  get publicKey(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#pair.publicKey)
  }

  /** For IndexedDB, and for `restoreSigningKeys`. Code that runs in the page can sign with it, not copy it. */
  toStored(): StoredSigningKeys {
    return { publicKey: this.publicKey, privateKey: this.#pair.privateKey }
  }
}

/**
 * Makes new keys. Their private half cannot be exported, so they are lost with the storage that `toStored` went into. For a
 * backup, draw a seed of 32 random bytes, keep it in a vault, and import it.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` when the platform has no Ed25519 that works. spec P54
 */
export async function generateSigningKeys(): Promise<SigningKeys> {
  return new SigningKeys(await generateSigningPair())
}

/**
 * Makes the keys of a seed. The private half cannot be exported.
 *
 * @param seed 32 random bytes; copied, overwrite your copy
 * @throws TypeError, RangeError for anything else
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importSigningKeys(seed: Uint8Array): Promise<SigningKeys> {
  return new SigningKeys(await importSigningSeed(copySecret('seed', seed)))
}

/**
 * Restores keys that `toStored` returned. Returns `undefined`, not throws, for anything else, and for halves that do not
 * belong together.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`: the keys may be good, and do not work here
 */
export async function restoreSigningKeys(stored: unknown): Promise<SigningKeys | undefined> {
  try {
    const { publicKey, privateKey } = stored as StoredSigningKeys
    if (!isSigningKey(privateKey)) return undefined
    const pair = { publicKey: copyBytes('publicKey', publicKey, SIGNING_KEY_BYTES), privateKey }
    await checkSigningPair(pair)
    return new SigningKeys(pair)
  } catch (cause) {
    throwIfUnsupported('Ed25519', cause)
    return undefined
  }
}

/** Whether a value is a private key that can sign: then a failure to sign is the platform's. */
function isSigningKey(value: unknown): boolean {
  if (Object.prototype.toString.call(value) !== '[object CryptoKey]') return false
  const { algorithm, usages } = value as CryptoKey
  return algorithm.name === 'Ed25519' && usages.includes('sign')
}
