/**
 * Why an event was not sent, as codes to switch on. Received events never throw: they are dropped with a reason.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions, ErrorMessages } from '@conclave/base'

/** Every code of this package, with what its error carries in `details`. */
export interface AdapterErrorDetails {
  /** The sealed channel was closed. spec T5 */
  readonly ERR_ADAPTER_CLOSED: undefined
  /** The carrier is closed, or closed before it opened. spec T40, T60 */
  readonly ERR_ADAPTER_NOT_OPEN: undefined
  /** The server did not let this client join the channel. spec T21 */
  readonly ERR_ADAPTER_REFUSED: undefined
  /** Clients cannot send on this channel: it is public, or one of Pusher's encrypted ones. spec T21 */
  readonly ERR_ADAPTER_RECEIVE_ONLY: { readonly channel: string }
  /** The event is larger than the carrier takes, or a clear one than any may be. spec T18, T22 */
  readonly ERR_ADAPTER_TOO_LARGE: { readonly byteLength: number; readonly maxBytes: number }
  /** Too many events or bytes wait to be sent. spec T4 */
  readonly ERR_ADAPTER_QUEUE_FULL: { readonly limit: 'events' | 'bytes'; readonly max: number }
}

/** A code of this package's errors. */
export type AdapterErrorCode = keyof AdapterErrorDetails

/** An error of this package, as a union over its codes: `switch (error.code)` narrows `details`. */
export type AnyAdapterError = { [C in AdapterErrorCode]: AdapterError<C> }[AdapterErrorCode]

/** The one error class of this package. Never carries secrets, key material or plaintext. */
export class AdapterError<C extends AdapterErrorCode = AdapterErrorCode> extends CodedError<
  AdapterErrorDetails,
  C
> {
  override readonly name = 'AdapterError'

  constructor(code: C, details: AdapterErrorDetails[C], options?: CodedErrorOptions) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

/** Whether a value is an error of this package: from this copy of it or another, of any realm. Never throws. */
export function isAdapterError(value: unknown): value is AnyAdapterError {
  return isCodedError(value, 'AdapterError', MESSAGES)
}

const MESSAGES: ErrorMessages<AdapterErrorDetails> = {
  ERR_ADAPTER_CLOSED: 'the sealed channel was closed',
  ERR_ADAPTER_NOT_OPEN: 'the underlying channel is not open',
  ERR_ADAPTER_REFUSED: 'the server did not admit this client to the channel',
  ERR_ADAPTER_RECEIVE_ONLY:
    'clients cannot send on this channel: use a private or presence channel',
  ERR_ADAPTER_TOO_LARGE: 'the event is larger than the underlying channel carries',
  ERR_ADAPTER_QUEUE_FULL: 'too many events or bytes wait to be sent',
}
