/**
 * The one error class of this package and its codes. A mistake of the caller is a `TypeError` or a `RangeError`
 * instead, input from others never throws, and a platform that lacks a feature is a `CryptoError` with
 * `ERR_CRYPTO_UNSUPPORTED`, from `@conclave/crypto`.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions } from '@conclave/base'

/** Every code of this package, with what its error carries in `details`. */
export interface E2eeErrorDetails {
  /** `export` of a key source that does not hold this epoch: not yet, or no longer. spec K8 */
  readonly ERR_E2EE_UNKNOWN_EPOCH: { readonly epoch: bigint }
  /** The keyring, the key source or the sealer was closed. spec K13, P14 */
  readonly ERR_E2EE_CLOSED: undefined
  /** A key has sealed all that it may. `key`: a new epoch helps; `stream`: only a new session does. spec P3 */
  readonly ERR_E2EE_EXHAUSTED: { readonly limit: 'key' | 'stream' }
  /** The body does not fit into one message. spec P5 */
  readonly ERR_E2EE_TOO_LARGE: { readonly byteLength: number; readonly maxBytes: number }
  /** There are too many recipients to keep a counter for another one. spec P12 */
  readonly ERR_E2EE_TOO_MANY_PEERS: { readonly maxPeers: number }
  /** It does not authenticate: another key, another context, or changed. There is no further detail. spec P30 */
  readonly ERR_E2EE_OPEN_FAILED: undefined
  /**
   * The key is not held: not yet, or no longer. Fetch it and try again. The key id is empty for keys of a key
   * source. spec P30, P33
   */
  readonly ERR_E2EE_UNKNOWN_KEY: { readonly keyId: string; readonly epoch: bigint }
  /** Input from outside does not have its form. spec P26, P28 */
  readonly ERR_E2EE_MALFORMED: undefined
  /** The key is older than the caller requires. spec P31 */
  readonly ERR_E2EE_EPOCH_TOO_OLD: {
    readonly keyId: string
    readonly epoch: bigint
    readonly minEpoch: bigint
  }
  /** An event that was opened before (`replay`), came too late, is ahead of the clock, or has no number to tell by. spec P40, P42, P57 */
  readonly ERR_E2EE_REPLAYED: { readonly reason: 'replay' | 'late' | 'ahead' | 'unnumbered' }
  /** A keyring is full. spec P38 */
  readonly ERR_E2EE_TOO_MANY_KEYS: { readonly maxKeys: number }
  /** Too easy to guess to protect anything. spec K39 */
  readonly ERR_E2EE_WEAK_PASSPHRASE: { readonly bits: number; readonly minBits: number }
  /**
   * The worker that stretches a passphrase did not start (`start`), or broke or never answered (`failed`): nothing was stretched. The
   * message says what to check. spec K49
   */
  readonly ERR_E2EE_WORKER: { readonly reason: 'start' | 'failed' }
  /** An inviter has too many invitations that have not expired. spec E25 */
  readonly ERR_E2EE_TOO_MANY_INVITATIONS: { readonly maxInvitations: number }
  /** The keys of a session are in use: they serve one sealer, for one life. spec C5 */
  readonly ERR_E2EE_SESSION_IN_USE: undefined
  /** Frames without a key would be sent in clear: `discardFrameWhenCryptorNotReady` is `false`. spec K51 */
  readonly ERR_E2EE_CLEAR_FRAMES: undefined
  /**
   * A storage holds something else, kept changing, has too many changes waiting for it, or threw what is the `cause`
   * (`failed`). spec P41, C10, K44
   */
  readonly ERR_E2EE_STORAGE: { readonly reason: 'damaged' | 'conflict' | 'busy' | 'failed' }
}

/** A code of this package's errors. */
export type E2eeErrorCode = keyof E2eeErrorDetails

/** An error of this package, as a union over its codes: `switch (error.code)` narrows `details`. */
export type AnyE2eeError = { [C in E2eeErrorCode]: E2eeError<C> }[E2eeErrorCode]

/** The one error class of this package. Never carries secrets, key material or plaintext. spec K5 */
export class E2eeError<C extends E2eeErrorCode = E2eeErrorCode> extends CodedError<
  E2eeErrorDetails,
  C
> {
  override readonly name = 'E2eeError'

  constructor(code: C, details: E2eeErrorDetails[C], options?: CodedErrorOptions) {
    super(code, details, { message: describeCode(code), ...options })
  }
}

/**
 * Whether a value is an {@link E2eeError}: of this copy of the package or another, of any realm. Narrows to the
 * union, so that a switch over `code` is exhaustive.
 */
export function isE2eeError(value: unknown): value is AnyE2eeError {
  return isCodedError(value, 'E2eeError', CODES)
}

/** `ERR_E2EE_UNKNOWN_KEY` reads `unknown key`; a table of messages would weigh on every page that seals. */
const describeCode = (code: string): string =>
  code.slice('ERR_E2EE_'.length).replaceAll('_', ' ').toLowerCase()

const CODES: { readonly [C in E2eeErrorCode]: true } = {
  ERR_E2EE_UNKNOWN_EPOCH: true,
  ERR_E2EE_CLOSED: true,
  ERR_E2EE_EXHAUSTED: true,
  ERR_E2EE_TOO_LARGE: true,
  ERR_E2EE_TOO_MANY_PEERS: true,
  ERR_E2EE_OPEN_FAILED: true,
  ERR_E2EE_UNKNOWN_KEY: true,
  ERR_E2EE_MALFORMED: true,
  ERR_E2EE_EPOCH_TOO_OLD: true,
  ERR_E2EE_REPLAYED: true,
  ERR_E2EE_TOO_MANY_KEYS: true,
  ERR_E2EE_WEAK_PASSPHRASE: true,
  ERR_E2EE_WORKER: true,
  ERR_E2EE_TOO_MANY_INVITATIONS: true,
  ERR_E2EE_SESSION_IN_USE: true,
  ERR_E2EE_CLEAR_FRAMES: true,
  ERR_E2EE_STORAGE: true,
}
