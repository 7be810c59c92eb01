/**
 * Errors of this package: one class, a union of codes, and details that can be switched on.
 *
 * @module
 */

/** Every code and what comes with it. None carries key material, plaintext or frames. */
export interface MediaErrorDetails {
  /** This browser cannot transform encoded frames: there is nothing to encrypt with. */
  readonly ERR_MEDIA_UNSUPPORTED: { readonly missing: string }
  /** The worker could not be loaded or did not answer. The message says what to check. */
  readonly ERR_MEDIA_WORKER_START: undefined
  /** The worker failed while in use. Everything it protected has been stopped. */
  readonly ERR_MEDIA_WORKER_FAILED: undefined
  /** A transform was not confirmed in time, or could not be made. The track must not be sent or shown. */
  readonly ERR_MEDIA_ATTACH: { readonly label: string }
  /** The key source gave no key for the current epoch: nothing is sealed, so nothing is sent. */
  readonly ERR_MEDIA_NO_KEY: { readonly epoch: bigint }
  /** `close` was called. */
  readonly ERR_MEDIA_CLOSED: undefined
}

/** A code of `MediaError`. */
export type MediaErrorCode = keyof MediaErrorDetails

/** The error class of `@conclave/media`; `code` tells what happened, `details` with what. */
export class MediaError<C extends MediaErrorCode = MediaErrorCode> extends Error {
  override readonly name: string = 'MediaError'
  readonly code: C
  readonly details: MediaErrorDetails[C]

  constructor(
    code: C,
    options: {
      readonly message: string
      readonly details: MediaErrorDetails[C]
      readonly cause?: unknown
    },
  ) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details
  }
}

/** `MediaError` as a union over its codes, so that `switch (error.code)` narrows `details`. */
export type AnyMediaError = { [C in MediaErrorCode]: MediaError<C> }[MediaErrorCode]

/** Whether a caught value is an error of this package, also one from another copy of it. */
export function isMediaError(value: unknown): value is AnyMediaError {
  return (
    value instanceof Error &&
    value.name === 'MediaError' &&
    'code' in value &&
    typeof value.code === 'string' &&
    value.code.startsWith('ERR_MEDIA_')
  )
}
