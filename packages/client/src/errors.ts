/**
 * The one error class of this package and its codes.
 *
 * @module
 */

/** What each code carries in `details`. */
export interface ClientErrorDetails {
  /** The link cannot be used; `reason` says why spec R1. */
  readonly ERR_CLIENT_LINK_INVALID: { readonly reason: LinkProblem }
  /** The hub refused the access proof: the link does not open this room spec R2. */
  readonly ERR_CLIENT_REFUSED: undefined
  /** The room has as many participants as the hub allows. */
  readonly ERR_CLIENT_FULL: undefined
  /** The hub could not be reached at all. */
  readonly ERR_CLIENT_UNREACHABLE: undefined
  /** This browser lacks what encryption needs; `missing` names the capabilities. */
  readonly ERR_CLIENT_UNSUPPORTED: { readonly missing: readonly string[] }
  /** The caller's `signal` ended the operation. */
  readonly ERR_CLIENT_ABORTED: undefined
  /** The room was left, or this session was replaced or refused. */
  readonly ERR_CLIENT_CLOSED: undefined
}

/** Why a link cannot be used spec R1. */
export type LinkProblem = 'not-a-room' | 'missing-secret' | 'damaged-secret' | 'wrong-secret'

/** A code of {@link ClientError}. */
export type ClientErrorCode = keyof ClientErrorDetails

/** A failure that the app must know about. `code` says which; messages never hold secrets or content. */
export class ClientError<C extends ClientErrorCode = ClientErrorCode> extends Error {
  override readonly name: string = 'ClientError'
  readonly code: C
  readonly details: ClientErrorDetails[C]

  constructor(code: C, details: ClientErrorDetails[C], options?: ErrorOptions) {
    super(MESSAGE_BY_CODE[code], options)
    this.code = code
    this.details = details
  }
}

/** `ClientError` as a union over its codes, so that `switch (error.code)` narrows `details`. */
export type AnyClientError = { [C in ClientErrorCode]: ClientError<C> }[ClientErrorCode]

/** Whether a value is a {@link ClientError}, also across realms and duplicate copies of this package. */
export function isClientError(value: unknown): value is AnyClientError {
  return (
    value instanceof Error &&
    value.name === 'ClientError' &&
    'code' in value &&
    typeof value.code === 'string' &&
    value.code in MESSAGE_BY_CODE
  )
}

const MESSAGE_BY_CODE: Readonly<Record<ClientErrorCode, string>> = {
  ERR_CLIENT_LINK_INVALID: 'the link cannot be used',
  ERR_CLIENT_FULL: 'the room is full',
  ERR_CLIENT_REFUSED: 'the hub refused: the link does not open this room',
  ERR_CLIENT_UNREACHABLE: 'the hub could not be reached',
  ERR_CLIENT_UNSUPPORTED: 'this browser lacks what encrypted calls need',
  ERR_CLIENT_ABORTED: 'aborted by the caller',
  ERR_CLIENT_CLOSED: 'the room was left',
}
