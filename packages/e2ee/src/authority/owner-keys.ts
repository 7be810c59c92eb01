import { checkInstance, copyBytes, equalBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, randomBytes, wipe } from '@conclave/crypto'
import {
  deriveOwnerFingerprintBytes,
  OWNER_FINGERPRINT_BYTES as FINGERPRINT_BYTES,
} from '@conclave/crypto/verify'
import { importSigningKeys, restoreSigningKeys } from '../signing/signing-keys.ts'
import type { SigningKeys, StoredSigningKeys } from '../signing/signing-keys.ts'

/** Length of an owner's fingerprint in bytes. spec U2 */
export const OWNER_FINGERPRINT_BYTES: number = FINGERPRINT_BYTES

/** Whether the seed of an owner's keys can be exported to another device. spec U1 */
export interface OwnerKeyOptions {
  /** Default: `false`. */
  readonly exportable?: boolean | undefined
}

/** The keys of an owner as IndexedDB stores them. */
export interface StoredOwnerKeys extends StoredSigningKeys {
  /** The seed, 32 bytes, of keys that are exportable. */
  readonly seed?: Uint8Array<ArrayBuffer> | undefined
}

/** The keys of a room's owner: whoever holds them says who may come into the room. chapter authority */
export class OwnerKeys {
  /** Signs policies; certifies the owner's sessions as those of a person do. spec U4, U9 */
  readonly signingKeys: SigningKeys
  readonly #seed: Uint8Array<ArrayBuffer> | undefined

  get [Symbol.toStringTag](): string {
    return 'OwnerKeys'
  }

  /** Not for applications: {@link generateOwnerKeys}, {@link importOwnerKeys} and {@link restoreOwnerKeys} make them. */
  constructor(signingKeys: SigningKeys, seed: Uint8Array<ArrayBuffer> | undefined) {
    this.signingKeys = signingKeys
    this.#seed = seed
  }

  /** Ed25519, 32 bytes. A fresh copy with each read. */
  get publicKey(): Uint8Array<ArrayBuffer> {
    return this.signingKeys.publicKey
  }

  /**
   * The seed for another device, which is the owner then too. You must carry it sealed, and overwrite it. Returns
   * `undefined`, not throws, unless the keys are exportable. spec U1
   */
  unsafeExport(): Uint8Array<ArrayBuffer> | undefined {
    return this.#seed && new Uint8Array(this.#seed)
  }

  /** For IndexedDB, and for {@link restoreOwnerKeys}. You must keep it secret: it has the seed of exportable keys. */
  toStored(): StoredOwnerKeys {
    const stored = this.signingKeys.toStored()
    const seed = this.unsafeExport()
    return seed === undefined ? stored : { ...stored, seed }
  }
}

/**
 * Makes the keys of a new room's owner. You must make new ones for every room. spec U1
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function generateOwnerKeys(options: OwnerKeyOptions = {}): Promise<OwnerKeys> {
  const seed = randomBytes(CURVE_KEY_BYTES)
  try {
    return await importOwnerKeys(seed, options)
  } finally {
    wipe(seed)
  }
}

/**
 * Makes the keys of a seed that another device exported. spec U1
 *
 * @param seed 32 bytes; copied, overwrite your copy
 * @throws TypeError for anything else
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function importOwnerKeys(
  seed: Uint8Array,
  { exportable = false }: OwnerKeyOptions = {},
): Promise<OwnerKeys> {
  const copy = copyBytes('seed', seed, CURVE_KEY_BYTES)
  const keys = await importSigningKeys(copy)
  if (exportable) return new OwnerKeys(keys, copy)
  wipe(copy)
  return new OwnerKeys(keys, undefined)
}

/**
 * Restores keys that `toStored` returned. Returns `undefined`, not throws, for anything else, and for parts that do not
 * belong together. spec U3
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function restoreOwnerKeys(stored: unknown): Promise<OwnerKeys | undefined> {
  const signingKeys = await restoreSigningKeys(stored)
  if (signingKeys === undefined) return undefined
  let seed
  try {
    const { seed: given } = stored as StoredOwnerKeys
    if (given === undefined) return new OwnerKeys(signingKeys, undefined)
    seed = copyBytes('seed', given, CURVE_KEY_BYTES)
  } catch {
    // A seed of another type, or a getter that threw.
    return undefined
  }
  const { publicKey } = await importSigningKeys(seed)
  return equalBytes(publicKey, signingKeys.publicKey) ? new OwnerKeys(signingKeys, seed) : undefined
}

/**
 * The 16 bytes by which a room names its owner. spec U2
 *
 * @param ownerKey 32 bytes, read before the call returns
 * @throws TypeError for anything else
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveOwnerFingerprint(
  ownerKey: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return deriveOwnerFingerprintBytes(copyBytes('ownerKey', ownerKey, CURVE_KEY_BYTES))
}

/** @throws TypeError for anything but the keys of an owner, of this copy of the package or another. spec K42 */
export function checkOwner(owner: unknown): asserts owner is OwnerKeys {
  checkInstance<OwnerKeys>('owner', owner, { of: 'OwnerKeys', method: 'unsafeExport' })
}
