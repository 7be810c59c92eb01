/**
 * The one error class of this package and its codes.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions, ErrorMessages } from '@conclave/base'

/** Every code of this package, with what its error carries in `details`. */
export interface ServerClientErrorDetails {
  /** The hub does not know this app, this key or this name of the hub, or the clocks differ by much. It says no more. spec G72 */
  readonly ERR_SERVER_CLIENT_UNAUTHORIZED: undefined
  /** The hub understood and refused: its code, and the status of HTTP. Another attempt has the same end. spec G74 */
  readonly ERR_SERVER_CLIENT_REFUSED: { readonly error: string; readonly status: number }
  /** The app asks too often. spec G75 */
  readonly ERR_SERVER_CLIENT_RATE: { readonly retryAfterMs: number }
  /**
   * The hub did not answer, or is away for the moment, at each attempt. It is unknown whether it did what was asked: say it again with the same id.
   * The `cause` is the failure of the last attempt.
   */
  readonly ERR_SERVER_CLIENT_UNAVAILABLE: { readonly attempts: number }
  /** The answer is not one of a hub: the address may belong to another server. */
  readonly ERR_SERVER_CLIENT_ANSWER: { readonly status: number }
}

/** A code of this package's errors. */
export type ServerClientErrorCode = keyof ServerClientErrorDetails

/** An error of this package, as a union over its codes. */
export type AnyServerClientError = {
  [C in ServerClientErrorCode]: ServerClientError<C>
}[ServerClientErrorCode]

/** A hub did not do what the application's server asked for. */
export class ServerClientError<
  C extends ServerClientErrorCode = ServerClientErrorCode,
> extends CodedError<ServerClientErrorDetails, C> {
  override readonly name = 'ServerClientError'

  constructor(code: C, details: ServerClientErrorDetails[C], options?: CodedErrorOptions) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

/** Whether a value is a {@link ServerClientError}: of this copy of the package or another, of any realm. */
export function isServerClientError(value: unknown): value is AnyServerClientError {
  return isCodedError(value, 'ServerClientError', MESSAGES)
}

const MESSAGES: ErrorMessages<ServerClientErrorDetails> = {
  ERR_SERVER_CLIENT_UNAUTHORIZED: 'the hub does not accept this access key',
  ERR_SERVER_CLIENT_REFUSED: 'the hub refused the request',
  ERR_SERVER_CLIENT_RATE: 'the hub gets too many requests of this app',
  ERR_SERVER_CLIENT_UNAVAILABLE: 'the hub cannot be reached, or does nothing at the moment',
  ERR_SERVER_CLIENT_ANSWER: 'the answer is not one of a hub',
}
