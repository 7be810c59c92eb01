/**
 * What can fail for a reason that the caller must know, as codes to switch on. Mistakes of the caller are
 * `TypeError` and `RangeError`. Whatever does not open is one code, whichever part of it was wrong.
 *
 * @module
 */
import type { SlotType } from './slots/slot.ts'

/** Every code of this package, with what its error carries in `details`. */
export interface VaultErrorDetails {
  /** The storage holds nothing. spec V13 */
  readonly ERR_VAULT_NOT_FOUND: undefined
  /** The storage holds something already; nothing was written over it. spec V15 */
  readonly ERR_VAULT_EXISTS: undefined
  /** The bytes are no vault of a version that this package knows. spec V2 */
  readonly ERR_VAULT_MALFORMED: undefined
  /** It does not open with this: another secret, or bytes that were changed. Says no more. spec V13 */
  readonly ERR_VAULT_OPEN_FAILED: undefined
  /**
   * It opens, and is not the vault, or a successor of the state, that the caller expected. `older`: a state from
   * before; `other-history`: a state that did not come from the expected one. spec V19
   */
  readonly ERR_VAULT_ROLLED_BACK: {
    readonly reason: 'older' | 'other-history'
    readonly version: number
    readonly expectedVersion: number
  }
  /** There is no such slot, or not any more. spec V13, V18 */
  readonly ERR_VAULT_NO_SLOT: { readonly type: SlotType | undefined }
  /** There is one already, and there may be one of this type only: replace it. spec V7 */
  readonly ERR_VAULT_SLOT_EXISTS: { readonly type: SlotType }
  /** `recovery-key`: it is always there, replace it; `in-use`: this vault was opened with it. spec V7, V16 */
  readonly ERR_VAULT_SLOT_REQUIRED: { readonly reason: 'recovery-key' | 'in-use' }
  /** More than a vault holds. spec V1, V4, V7 */
  readonly ERR_VAULT_TOO_LARGE: {
    readonly limit: 'entry' | 'entries' | 'slots' | 'vault'
    readonly max: number
  }
  /** Others wrote each time before we could. Nothing was written; try again later. spec V15 */
  readonly ERR_VAULT_CONFLICT: undefined
  /** Too many changes wait for the storage. spec V15 */
  readonly ERR_VAULT_BUSY: { readonly maxWaiting: number }
  /** The storage threw; the `cause` is what it threw. Whether it wrote is unknown. spec V15 */
  readonly ERR_VAULT_STORAGE_FAILED: undefined
  /** Too easy to guess to protect anything. spec V11 */
  readonly ERR_VAULT_WEAK_PASSPHRASE: { readonly bits: number; readonly minBits: number }
  /** The platform lacks this. spec V10, V12 */
  readonly ERR_VAULT_UNSUPPORTED: {
    readonly feature: 'WebCrypto' | 'X25519' | 'Ed25519' | 'Argon2id' | 'WebAuthn PRF' | 'IndexedDB'
  }
  /** No passkey answered: the person declined, time ran out, or no passkey here belongs to the vault. spec V12 */
  readonly ERR_VAULT_PASSKEY_REFUSED: undefined
  /** The vault was closed. spec V26 */
  readonly ERR_VAULT_CLOSED: undefined
}

/** A code of this package's errors. */
export type VaultErrorCode = keyof VaultErrorDetails

/** An error of this package, as a union over its codes: `switch (error.code)` narrows `details`. */
export type AnyVaultError = { [C in VaultErrorCode]: VaultError<C> }[VaultErrorCode]

/** The one error class of this package. Never carries secrets, key material, entries or their names. spec V14 */
export class VaultError<C extends VaultErrorCode> extends Error {
  override readonly name = 'VaultError'
  /** What happened, to switch on. */
  readonly code: C
  /** What belongs to the code. */
  readonly details: VaultErrorDetails[C]

  constructor(code: C, details: VaultErrorDetails[C], options?: ErrorOptions) {
    super(MESSAGES[code], options)
    this.code = code
    this.details = details
  }

  /** For logs: without the stack and without the cause. */
  toJSON(): {
    readonly name: string
    readonly code: C
    readonly message: string
    readonly details: VaultErrorDetails[C]
  } {
    return { name: this.name, code: this.code, message: this.message, details: this.details }
  }
}

/**
 * Whether a value is an error of this package, from this copy of it or another, from this realm or
 * another. Narrows to the union, so that a switch over `code` is exhaustive.
 */
export function isVaultError(value: unknown): value is AnyVaultError {
  if (typeof value !== 'object' || value === null) return false
  const { name, code } = value as { readonly name?: unknown; readonly code?: unknown }
  return name === 'VaultError' && typeof code === 'string' && Object.hasOwn(MESSAGES, code)
}

const MESSAGES: { readonly [C in VaultErrorCode]: string } = {
  ERR_VAULT_NOT_FOUND: 'the storage holds no vault',
  ERR_VAULT_EXISTS: 'the storage holds something already',
  ERR_VAULT_MALFORMED: 'the bytes are no vault',
  ERR_VAULT_OPEN_FAILED: 'the vault does not open',
  ERR_VAULT_ROLLED_BACK: 'the vault is not a successor of the expected state',
  ERR_VAULT_NO_SLOT: 'the vault has no such slot',
  ERR_VAULT_SLOT_EXISTS: 'the vault has a slot of this type already',
  ERR_VAULT_SLOT_REQUIRED: 'the slot cannot be removed',
  ERR_VAULT_TOO_LARGE: 'the vault cannot hold as much',
  ERR_VAULT_CONFLICT: 'others wrote to the vault at the same time',
  ERR_VAULT_BUSY: 'too many changes wait to be written',
  ERR_VAULT_STORAGE_FAILED: 'the storage failed',
  ERR_VAULT_WEAK_PASSPHRASE: 'the passphrase is too easy to guess',
  ERR_VAULT_UNSUPPORTED: 'the platform lacks a feature',
  ERR_VAULT_PASSKEY_REFUSED: 'no passkey answered',
  ERR_VAULT_CLOSED: 'the vault is closed',
}
