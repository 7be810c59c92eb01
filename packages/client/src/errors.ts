/**
 * The one error class of this package and its codes.
 *
 * @module
 */
import {
  CodedError,
  type CodedErrorOptions,
  type ErrorMessages,
  isCodedError,
} from '@conclave/base'

/** The details of each code. */
export interface ClientErrorDetails {
  /** The link cannot be used; `reason` says why. spec R1 */
  readonly ERR_CLIENT_LINK_INVALID: { readonly reason: LinkProblem }
  /** The hub refused the access proof or the handshake. spec R2 */
  readonly ERR_CLIENT_REFUSED: undefined
  /** The room has as many participants as the hub allows. */
  readonly ERR_CLIENT_FULL: undefined
  /** This browser lacks features that encryption needs; `missing` names them. */
  readonly ERR_CLIENT_UNSUPPORTED: { readonly missing: readonly string[] }
  /** The caller's `signal` ended the operation; its reason is the `cause`. */
  readonly ERR_CLIENT_ABORTED: undefined
  /** Too many messages wait for the hub; this one was not sent. spec R5 */
  readonly ERR_CLIENT_OVERFLOW: undefined
  /** The room was left, or this session was replaced or refused. */
  readonly ERR_CLIENT_CLOSED: undefined
}

/** Why a link cannot be used. spec R1 */
export type LinkProblem = 'not-a-room' | 'missing-secret' | 'damaged-secret' | 'wrong-secret'

/** A code of {@link ClientError}. */
export type ClientErrorCode = keyof ClientErrorDetails

/** A failure that the app must know about. `code` says which; messages never hold secrets or content. */
export class ClientError<C extends ClientErrorCode = ClientErrorCode> extends CodedError<
  ClientErrorDetails,
  C
> {
  override readonly name: string = 'ClientError'

  constructor(code: C, details: ClientErrorDetails[C], options: CodedErrorOptions = {}) {
    super(code, details, { message: MESSAGES[code], ...options })
  }
}

/** `ClientError` as a union over its codes, so that `switch (error.code)` narrows `details`. */
export type AnyClientError = { [C in ClientErrorCode]: ClientError<C> }[ClientErrorCode]

/** Whether a value is a {@link ClientError}, also across realms and copies of this package. */
export function isClientError(value: unknown): value is AnyClientError {
  return isCodedError(value, 'ClientError', MESSAGES)
}

const MESSAGES: ErrorMessages<ClientErrorDetails> = {
  ERR_CLIENT_LINK_INVALID: 'the link cannot be used',
  ERR_CLIENT_FULL: 'the room is full',
  ERR_CLIENT_REFUSED: 'the hub refused this session',
  ERR_CLIENT_UNSUPPORTED: 'this browser lacks a feature that encrypted calls need',
  ERR_CLIENT_ABORTED: 'aborted by the caller',
  ERR_CLIENT_OVERFLOW: 'too many messages wait for the hub',
  ERR_CLIENT_CLOSED: 'the room was left',
}
