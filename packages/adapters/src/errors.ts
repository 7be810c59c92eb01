/**
 * Why something was not sent, as codes to switch on. What arrives never throws: it is dropped with a reason.
 *
 * @module
 */

/** Every code of this package, with what its error carries in `details`. */
export interface AdapterErrorDetails {
  /** The sealed channel was closed. spec T5 */
  readonly ERR_ADAPTER_CLOSED: undefined
  /** The way is closed, or closed before it opened. spec T40, T60 */
  readonly ERR_ADAPTER_NOT_OPEN: undefined
  /** The server did not let this client join the channel. spec T21 */
  readonly ERR_ADAPTER_REFUSED: undefined
  /** Clients cannot send on such a channel: it is public, or one of Pusher's encrypted ones. spec T21 */
  readonly ERR_ADAPTER_RECEIVE_ONLY: { readonly channel: string }
  /** Sealed, the event is larger than what is carried. spec T22 */
  readonly ERR_ADAPTER_TOO_LARGE: { readonly byteLength: number; readonly maxBytes: number }
  /** Too much waits to be sent already. spec T4 */
  readonly ERR_ADAPTER_QUEUE_FULL: { readonly limit: 'events' | 'bytes'; readonly max: number }
}

/** A code of this package's errors. */
export type AdapterErrorCode = keyof AdapterErrorDetails

/** An error of this package, as a union over its codes: `switch (error.code)` narrows `details`. */
export type AnyAdapterError = { [C in AdapterErrorCode]: AdapterError<C> }[AdapterErrorCode]

/** The one error class of this package. Never carries secrets, key material or plaintext. */
export class AdapterError<C extends AdapterErrorCode = AdapterErrorCode> extends Error {
  override readonly name: string = 'AdapterError'
  readonly code: C
  readonly details: AdapterErrorDetails[C]

  constructor(code: C, details: AdapterErrorDetails[C], options?: ErrorOptions) {
    super(MESSAGES[code], options)
    this.code = code
    this.details = details
  }
}

/** Whether a value is an error of this package, also of another copy of it or from another realm. */
export function isAdapterError(value: unknown): value is AnyAdapterError {
  if (typeof value !== 'object' || value === null) return false
  const { name, code } = value as { readonly name?: unknown; readonly code?: unknown }
  return name === 'AdapterError' && typeof code === 'string' && Object.hasOwn(MESSAGES, code)
}

const MESSAGES: Readonly<Record<AdapterErrorCode, string>> = {
  ERR_ADAPTER_CLOSED: 'the sealed channel was closed',
  ERR_ADAPTER_NOT_OPEN: 'the channel beneath is not open',
  ERR_ADAPTER_REFUSED: 'the server did not admit this client to the channel',
  ERR_ADAPTER_RECEIVE_ONLY:
    'clients cannot send on this channel: use a private or presence channel',
  ERR_ADAPTER_TOO_LARGE: 'sealed, the event is larger than the channel beneath carries',
  ERR_ADAPTER_QUEUE_FULL: 'too much waits to be sent already',
}
