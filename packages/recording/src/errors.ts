/**
 * The one error class of this package and its codes. An announcement that is refused is a `ClientError`, and a recording that does not
 * open an `E2eeError`.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions, ErrorMessages } from '@conclave/base'

/** The details of each code. */
export interface RecordingErrorDetails {
  /** The browser lacks something that recording, storing or playing needs; `missing` names it. spec Q14 */
  readonly ERR_RECORDING_UNSUPPORTED: { readonly missing: readonly string[] }
  /** The browser does not let the page use sound: begin from a click. spec Q14 */
  readonly ERR_RECORDING_SOUND: undefined
  /** A picture or sound could not be encoded, or what was recorded is no media; `cause` says why. */
  readonly ERR_RECORDING_MEDIA: undefined
  /** The storage failed, or took nothing for 10 s; `cause` is its error. spec Q15 */
  readonly ERR_RECORDING_STORAGE: undefined
  /** There is a stored recording with this name already, or none. */
  readonly ERR_RECORDING_NAME: { readonly name: string }
}

/** A code of {@link RecordingError}. */
export type RecordingErrorCode = keyof RecordingErrorDetails

/** `RecordingError` as a union over its codes, so that `switch (error.code)` narrows `details`. */
export type AnyRecordingError = { [C in RecordingErrorCode]: RecordingError<C> }[RecordingErrorCode]

/** A failure that the app must know about. `code` says which; messages never hold secrets or content. */
export class RecordingError<C extends RecordingErrorCode = RecordingErrorCode> extends CodedError<
  RecordingErrorDetails,
  C
> {
  override readonly name: string = 'RecordingError'

  constructor(code: C, details: RecordingErrorDetails[C], options: CodedErrorOptions = {}) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

/** Whether a value is a {@link RecordingError}, also across realms and copies of this package. */
export function isRecordingError(value: unknown): value is AnyRecordingError {
  return isCodedError(value, 'RecordingError', MESSAGES)
}

const MESSAGES: ErrorMessages<RecordingErrorDetails> = {
  ERR_RECORDING_UNSUPPORTED: 'this browser lacks a feature that recordings need',
  ERR_RECORDING_SOUND: 'the browser does not let the page use sound',
  ERR_RECORDING_MEDIA: 'the picture or the sound was not encoded',
  ERR_RECORDING_STORAGE: 'the storage does not take the recording',
  ERR_RECORDING_NAME: 'the name of the stored recording does not fit',
}
