/**
 * The one error class of this package and its codes.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions, ErrorMessages } from '@conclave/base'

/** Every code of this package, with what its error carries in `details`. */
export interface ServerErrorDetails {
  /** Another program listens on this port. */
  readonly ERR_SERVER_PORT_TAKEN: { readonly port: number }
  /** This address or port cannot be listened on. */
  readonly ERR_SERVER_ADDRESS: { readonly hostname: string; readonly port: number }
  /** The folder of the app does not exist, has no page, or is too large. */
  readonly ERR_SERVER_APP: undefined
  /** The certificate or its key cannot be read, or they do not fit each other. spec H48 */
  readonly ERR_SERVER_TLS: undefined
  /** Two limits of the hub do not fit each other: `neighbour` requires that `limit` is `atLeast` that large. spec H34 */
  readonly ERR_SERVER_LIMITS: {
    readonly limit: string
    readonly neighbour: string
    readonly atLeast: number
  }
  /** A STUN or TURN server is not as clients take it: the number of the server, from 1, or 0 for the list. spec H38 */
  readonly ERR_SERVER_ICE_SERVERS: { readonly server: number }
  /** An application is not as the hub takes it: the place in the list, such as `[0].keys[1].id`. spec G53 */
  readonly ERR_SERVER_APPS: { readonly place: string }
  /** As many revocations as the hub keeps hold at the moment. spec G52 */
  readonly ERR_SERVER_REVOCATIONS_FULL: { readonly maxEntries: number }
}

/** A code of this package's errors. */
export type ServerErrorCode = keyof ServerErrorDetails

/** An error of this package, as a union over its codes. */
export type AnyServerError = { [C in ServerErrorCode]: ServerError<C> }[ServerErrorCode]

/** A hub could not start, or could not do what its operator asked for. The message says why, and what the operator can do. */
export class ServerError<C extends ServerErrorCode = ServerErrorCode> extends CodedError<
  ServerErrorDetails,
  C
> {
  override readonly name = 'ServerError'

  constructor(code: C, details: ServerErrorDetails[C], options?: CodedErrorOptions) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

/** Whether a value is a {@link ServerError}: of this copy of the package or another, of any realm. */
export function isServerError(value: unknown): value is AnyServerError {
  return isCodedError(value, 'ServerError', MESSAGES)
}

const MESSAGES: ErrorMessages<ServerErrorDetails> = {
  ERR_SERVER_PORT_TAKEN: 'the port is taken by another program',
  ERR_SERVER_ADDRESS: 'listening on this address is not possible',
  ERR_SERVER_APP: 'the folder of the app has no index.html',
  ERR_SERVER_TLS: 'the certificate or its key makes no sense',
  ERR_SERVER_LIMITS: 'two limits do not fit each other',
  ERR_SERVER_ICE_SERVERS: 'the list of STUN and TURN servers is not one that clients take',
  ERR_SERVER_APPS: 'the list of apps is not one that a hub takes',
  ERR_SERVER_REVOCATIONS_FULL: 'no more revocations are kept, until some of them are over',
}
