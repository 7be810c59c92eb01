import { checkInstance, copyBytes, textToBytes } from '@conclave/base'
import {
  checkAgreementPair,
  CURVE_KEY_BYTES,
  deriveBytes,
  generateAgreementPair,
  importAgreementSeed,
  importHkdfKey,
  importSigningSeed,
  throwIfUnsupported,
} from '@conclave/crypto'
import type { CurveKeyPair } from '@conclave/crypto'
import { E2eeError } from '../errors.ts'
import { copySecret } from '../keys/secret-bytes.ts'
import { generateSigningKeys, restoreSigningKeys, SigningKeys } from '../signing/signing-keys.ts'
import type { StoredSigningKeys } from '../signing/signing-keys.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'

/** Length of the secret that exchange keys can be made from, in bytes. spec E1 */
export const EXCHANGE_SECRET_BYTES = 32

/** Exchange keys as IndexedDB stores them: the private ones cannot be exported there either. */
export interface StoredExchangeKeys {
  readonly signing: StoredSigningKeys
  readonly agreement: StoredSigningKeys
}

/**
 * One person's or device's keys for the exchange of other keys: Ed25519 to sign, X25519 to seal to. Their private halves
 * cannot be exported. Ends with {@link ExchangeKeys.close}.
 */
export class ExchangeKeys {
  #pairs: { readonly signing: SigningKeys; readonly agreement: CurveKeyPair } | undefined
  readonly #identity: ExchangeIdentity

  get [Symbol.toStringTag](): string {
    return 'ExchangeKeys'
  }

  /** Not for applications: `generateExchangeKeys`, `importExchangeKeys` and `restoreExchangeKeys` make them. */
  constructor(pairs: { readonly signing: SigningKeys; readonly agreement: CurveKeyPair }) {
    this.#pairs = pairs
    const agreementKey = new Uint8Array(pairs.agreement.publicKey)
    this.#identity = { signingKey: pairs.signing.publicKey, agreementKey }
  }

  /** The public halves, for everyone: a copy. */
  get identity(): ExchangeIdentity {
    const { signingKey, agreementKey } = this.#identity
    return { signingKey: new Uint8Array(signingKey), agreementKey: new Uint8Array(agreementKey) }
  }

  /**
   * The signing half, for `createSigner` of `@conclave/e2ee/signing`: one identity for keys and for events.
   *
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  get signingKeys(): SigningKeys {
    return this.#open().signing
  }

  /**
   * For IndexedDB, and for `restoreExchangeKeys`. Code that runs in the page can use them, not copy them.
   *
   * @throws E2eeError `ERR_E2EE_CLOSED`
   */
  toStored(): StoredExchangeKeys {
    const { signing, agreement } = this.#open()
    const publicKey = new Uint8Array(agreement.publicKey)
    return {
      signing: signing.toStored(),
      agreement: { publicKey, privateKey: agreement.privateKey },
    }
  }

  /**
   * Drops the private keys: this object no longer seals or opens. A signer that was made of
   * {@link ExchangeKeys.signingKeys}, and stored keys, live on.
   */
  close(): void {
    this.#pairs = undefined
  }

  #open(): { readonly signing: SigningKeys; readonly agreement: CurveKeyPair } {
    if (this.#pairs !== undefined) return this.#pairs
    throw new E2eeError('ERR_E2EE_CLOSED', undefined)
  }
}

/**
 * Makes new keys. Their private halves cannot be exported, so they are lost with the storage that `toStored` went into.
 * For a backup, draw a secret of 32 random bytes, keep it in a vault, and import it.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` when the platform has no Ed25519 or X25519 that works. spec E3
 */
export async function generateExchangeKeys(): Promise<ExchangeKeys> {
  const [signing, agreement] = await Promise.all([generateSigningKeys(), generateAgreementPair()])
  return new ExchangeKeys({ signing, agreement })
}

/**
 * Derives the keys of a secret, the same each time: for a vault.
 *
 * @param secret 32 random bytes; copied, overwrite your copy
 * @throws TypeError, RangeError for anything else
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importExchangeKeys(secret: Uint8Array): Promise<ExchangeKeys> {
  const material = await importHkdfKey(copySecret('secret', secret))
  const seedOf = (purpose: string): Promise<Uint8Array<ArrayBuffer>> =>
    deriveBytes(material, {
      salt: SALT,
      info: textToBytes(`conclave/1 exchange ${purpose}`),
      length: CURVE_KEY_BYTES,
    })
  const [signing, agreement] = await Promise.all([
    seedOf('signing').then(importSigningSeed),
    seedOf('agreement').then(importAgreementSeed),
  ])
  return new ExchangeKeys({ signing: new SigningKeys(signing), agreement })
}

/**
 * Restores keys that `toStored` returned. Returns `undefined`, not throws, for anything else, and for halves that do not
 * belong together.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`: the keys may be good, and do not work here
 */
export async function restoreExchangeKeys(stored: unknown): Promise<ExchangeKeys | undefined> {
  try {
    const { signing, agreement } = stored as StoredExchangeKeys
    const restored = await restoreSigningKeys(signing)
    if (restored === undefined) return undefined
    const { publicKey, privateKey } = agreement
    const pair = { publicKey: copyBytes('publicKey', publicKey, CURVE_KEY_BYTES), privateKey }
    await checkAgreementPair(pair)
    return new ExchangeKeys({ signing: restored, agreement: pair })
  } catch (cause) {
    throwIfUnsupported('X25519', cause)
    return undefined
  }
}

/** @throws TypeError that names the argument */
export function checkKeys(name: string, keys: unknown): ExchangeKeys {
  checkInstance<ExchangeKeys>(name, keys, { of: 'ExchangeKeys', method: 'toStored' })
  return keys
}

const SALT = textToBytes('conclave/1 exchange')
