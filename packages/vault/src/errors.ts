/**
 * Failures that the caller must know of, as codes to switch on. The caller's mistakes are `TypeError` and `RangeError`;
 * cryptography that the platform lacks is `CryptoError` of `@conclave/crypto`. Every failure to open has one code,
 * whichever part was wrong.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions, ErrorMessages } from '@conclave/base'
import type { SlotId, SlotType } from './slots/slot.ts'

/** Every code of this package, with what its error carries in `details`. */
export interface VaultErrorDetails {
  /** The storage holds nothing. spec V13 */
  readonly ERR_VAULT_NOT_FOUND: undefined
  /** The storage holds something already; nothing was written over it. spec V15 */
  readonly ERR_VAULT_EXISTS: undefined
  /** The bytes are no vault of a version that this package knows. spec V2 */
  readonly ERR_VAULT_MALFORMED: undefined
  /** The vault does not open: the secret is another one, or bytes were changed. Says no more. spec V13 */
  readonly ERR_VAULT_OPEN_FAILED: undefined
  /**
   * The vault opens, and is not the one, or not a successor of the state, that the caller expected. `older`: an
   * earlier state; `other-history`: a state that did not come from the expected one. spec V19
   */
  readonly ERR_VAULT_ROLLED_BACK: {
    readonly reason: 'older' | 'other-history'
    readonly version: number
    readonly expectedVersion: number
  }
  /** The vault has no such slot, or no longer. spec V13, V18 */
  readonly ERR_VAULT_NO_SLOT: { readonly type: SlotType | undefined }
  /** The vault has this slot already, and may have one of its type only: replace it. spec V7 */
  readonly ERR_VAULT_SLOT_EXISTS: { readonly type: SlotType }
  /** `recovery-key`: a vault always has one, replace it; `in-use`: this vault was opened with it. spec V7, V16 */
  readonly ERR_VAULT_SLOT_REQUIRED: { readonly reason: 'recovery-key' | 'in-use' }
  /** A member wrote a slot whose public key no key can be wrapped to: remove or replace the slot. spec V17 */
  readonly ERR_VAULT_SLOT_KEY: { readonly id: SlotId; readonly type: SlotType }
  /** More than a vault holds. spec V1, V4, V7 */
  readonly ERR_VAULT_TOO_LARGE: {
    readonly limit: 'entry' | 'entries' | 'slots' | 'vault'
    readonly max: number
  }
  /** At every attempt another device wrote first. Nothing was written; try again later. spec V15 */
  readonly ERR_VAULT_CONFLICT: undefined
  /** Too many changes wait for the storage. spec V15 */
  readonly ERR_VAULT_BUSY: { readonly maxWaiting: number }
  /** The storage threw; the `cause` is what it threw. It is unknown whether it wrote. spec V15 */
  readonly ERR_VAULT_STORAGE_FAILED: undefined
  /** The passphrase is too easy to guess. spec V11 */
  readonly ERR_VAULT_WEAK_PASSPHRASE: { readonly bits: number; readonly minBits: number }
  /**
   * The worker that stretches a passphrase did not start (`start`), or broke or never answered (`failed`): nothing was stretched. The
   * message says what to check. spec K49
   */
  readonly ERR_VAULT_WORKER: { readonly reason: 'start' | 'failed' }
  /** The browser or the authenticator lacks a feature. spec V12, V24 */
  readonly ERR_VAULT_UNSUPPORTED: { readonly feature: 'WebAuthn PRF' | 'IndexedDB' }
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
export class VaultError<C extends VaultErrorCode> extends CodedError<VaultErrorDetails, C> {
  override readonly name = 'VaultError'

  constructor(code: C, details: VaultErrorDetails[C], options?: CodedErrorOptions) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

/**
 * Whether a value is an error of this package: from this copy of it or another, from this realm or another. Narrows
 * to the union, so that a switch over `code` is exhaustive. Never throws.
 */
export function isVaultError(value: unknown): value is AnyVaultError {
  return isCodedError(value, 'VaultError', MESSAGES)
}

const MESSAGES: ErrorMessages<VaultErrorDetails> = {
  ERR_VAULT_NOT_FOUND: 'the storage holds no vault',
  ERR_VAULT_EXISTS: 'the storage holds something already',
  ERR_VAULT_MALFORMED: 'the bytes are no vault',
  ERR_VAULT_OPEN_FAILED: 'the vault does not open',
  ERR_VAULT_ROLLED_BACK: 'the vault is not a successor of the expected state',
  ERR_VAULT_NO_SLOT: 'the vault has no such slot',
  ERR_VAULT_SLOT_EXISTS: 'the vault has a slot of this type already',
  ERR_VAULT_SLOT_REQUIRED: 'the slot cannot be removed',
  ERR_VAULT_SLOT_KEY: 'the public key of a slot is refused',
  ERR_VAULT_TOO_LARGE: 'the vault cannot hold as much',
  ERR_VAULT_CONFLICT: 'others wrote to the vault at the same time',
  ERR_VAULT_BUSY: 'too many changes wait to be written',
  ERR_VAULT_STORAGE_FAILED: 'the storage failed',
  ERR_VAULT_WEAK_PASSPHRASE: 'the passphrase is too easy to guess',
  ERR_VAULT_WORKER: 'the worker that stretches passphrases failed',
  ERR_VAULT_UNSUPPORTED: 'the platform lacks a feature',
  ERR_VAULT_PASSKEY_REFUSED: 'no passkey answered',
  ERR_VAULT_CLOSED: 'the vault is closed',
}
