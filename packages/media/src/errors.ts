/**
 * The one error class of this package and its codes.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions, ErrorMessages, WorkerFault } from '@conclave/base'

/** Every code of this package, with what its error carries in `details`. None carries key material, plaintext or frames. */
export interface MediaErrorDetails {
  /** This browser cannot transform encoded frames: there is nothing to encrypt with. */
  readonly ERR_MEDIA_UNSUPPORTED: { readonly missing: string }
  /** The worker did not start: `reason` says why, the message what to do; `entry` of this package has its script. spec M43 */
  readonly ERR_MEDIA_WORKER_START: { readonly reason: WorkerFault; readonly entry: WorkerEntry }
  /** The worker failed while in use. Everything it protected has been stopped. */
  readonly ERR_MEDIA_WORKER_FAILED: undefined
  /** A transform was not confirmed in time, or could not be made. The track must not be sent or shown. */
  readonly ERR_MEDIA_ATTACH: { readonly label: string }
  /**
   * Nothing was attached to a connection that may send in clear: made without encoded streams, where the browser needs them, or
   * with a track on it. The message says what to do. spec M66
   */
  readonly ERR_MEDIA_CONNECTION: { readonly reason: 'no-encoded-streams' | 'has-track' }
  /** The key source gave no key for the current epoch: nothing is sealed, so nothing is sent. */
  readonly ERR_MEDIA_NO_KEY: { readonly epoch: bigint }
  /** Frames went past the encryption on this side (`seal`: sent, `open`: received): nothing of it is attached again. spec M30 */
  readonly ERR_MEDIA_UNPROTECTED: { readonly side: 'seal' | 'open' }
  /** `close` was called. */
  readonly ERR_MEDIA_CLOSED: undefined
}

/** The entries whose scripts are workers. */
export type WorkerEntry = '@conclave/media/worker' | '@conclave/media/livekit/worker'

/** A code of this package's errors. */
export type MediaErrorCode = keyof MediaErrorDetails

/** An error of this package, as a union over its codes: `switch (error.code)` narrows `details`. */
export type AnyMediaError = { [C in MediaErrorCode]: MediaError<C> }[MediaErrorCode]

/** The error class of `@conclave/media`. */
export class MediaError<C extends MediaErrorCode = MediaErrorCode> extends CodedError<
  MediaErrorDetails,
  C
> {
  override readonly name = 'MediaError'

  constructor(code: C, details: MediaErrorDetails[C], options?: Partial<CodedErrorOptions>) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

/** Whether a value is a {@link MediaError}: of this copy of the package or another, of any realm. */
export function isMediaError(value: unknown): value is AnyMediaError {
  return isCodedError(value, 'MediaError', MESSAGES)
}

const MESSAGES: ErrorMessages<MediaErrorDetails> = {
  ERR_MEDIA_UNSUPPORTED: 'this browser cannot transform encoded frames',
  ERR_MEDIA_WORKER_START: 'the media worker did not start',
  ERR_MEDIA_WORKER_FAILED: 'the media worker has failed; everything that it protected was stopped',
  ERR_MEDIA_ATTACH: 'the transform is not in place; its track must not be used',
  ERR_MEDIA_CONNECTION: 'the connection is not protected',
  ERR_MEDIA_NO_KEY: 'no key to seal media with',
  ERR_MEDIA_UNPROTECTED:
    'frames went past the encryption; nothing of their direction is sent or played any further',
  ERR_MEDIA_CLOSED: 'frame encryption was closed',
}
