/**
 * The one error class of this package and its code.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions } from '@conclave/base'

/** A part of cryptography that a platform may lack. */
export type CryptoFeature = 'WebCrypto' | 'Ed25519' | 'X25519' | 'Argon2id'

/** Every code of this package, with what its error carries in `details`. */
export interface CryptoErrorDetails {
  /**
   * The platform lacks this, or its implementation failed a check. `WebCrypto`: the page is outside a secure
   * context (https, or localhost). spec K4
   */
  readonly ERR_CRYPTO_UNSUPPORTED: { readonly feature: CryptoFeature }
}

/** A code of this package's errors. */
export type CryptoErrorCode = keyof CryptoErrorDetails

/** An error of this package, as a union over its codes. */
export type AnyCryptoError = { [C in CryptoErrorCode]: CryptoError<C> }[CryptoErrorCode]

/** The platform lacks a feature. All packages that need cryptography throw it. */
export class CryptoError<C extends CryptoErrorCode = CryptoErrorCode> extends CodedError<
  CryptoErrorDetails,
  C
> {
  override readonly name = 'CryptoError'

  constructor(code: C, details: CryptoErrorDetails[C], options?: CodedErrorOptions) {
    super(code, details, { message: `${details.feature} is missing`, ...options })
  }
}

/** Whether a value is a {@link CryptoError}: of this copy of the package or another, of any realm. */
export function isCryptoError(value: unknown): value is AnyCryptoError {
  return isCodedError(value, 'CryptoError', CODES)
}

/** The error for a feature that is missing or does not work; a cause that is this error already stays it. spec K43 */
export function unsupportedError(feature: CryptoFeature, cause?: unknown): CryptoError {
  if ((cause as Error | undefined)?.name === 'CryptoError') return cause as CryptoError
  return new CryptoError('ERR_CRYPTO_UNSUPPORTED', { feature }, cause ? { cause } : {})
}

/**
 * For functions that answer input from outside with a value: a platform that lacks the feature is no such input, and still
 * throws. WebCrypto calls an algorithm that it does not know `NotSupportedError`. spec K43
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function throwIfUnsupported(feature: CryptoFeature, cause: unknown): void {
  const { name } = cause as Error
  if (name === 'NotSupportedError' || name === 'CryptoError') throw unsupportedError(feature, cause)
}

const CODES: { readonly [C in CryptoErrorCode]: true } = { ERR_CRYPTO_UNSUPPORTED: true }
