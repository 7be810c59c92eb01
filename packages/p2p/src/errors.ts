/**
 * Errors of this package: one class with a code to switch on.
 *
 * @module
 */
import { CodedError, isCodedError } from '@conclave/base'
import type { CodedErrorOptions } from '@conclave/base'

/** Every code of this package, with the details that its error carries. */
export interface P2pErrorDetails {
  /** A transform could not be set or its worker did not acknowledge; nothing is sent or shown on it. */
  readonly ERR_P2P_PROTECT_FAILED: { readonly peer: string; readonly label: string }
  /** A description of the other side was not accepted, or none could be made here; it is tried again. */
  readonly ERR_P2P_NEGOTIATION_FAILED: { readonly peer: string }
  /** This browser and the peer's have no codec in common, or none that can be protected, for a track to or from the peer. spec S53 */
  readonly ERR_P2P_UNSUPPORTED_CODEC: {
    readonly peer: string
    readonly label: string
    readonly direction: 'send' | 'receive'
  }
  /** The driver could not send; messages that matter are sent again. */
  readonly ERR_P2P_EMIT_FAILED: { readonly peer: string }
  /** This platform lacks an interface that a driver needs, or forbids it: the `cause` says which. spec S41 */
  readonly ERR_P2P_UNSUPPORTED: { readonly missing: string }
  /** The roster is full. */
  readonly ERR_P2P_TOO_MANY_PEERS: { readonly limit: number }
  /** The table of tracks is full. */
  readonly ERR_P2P_TOO_MANY_TRACKS: { readonly limit: number }
  /** The function that gives ICE servers failed, took too long, or gave what this browser does not take. It is asked again with the next restart. spec S87 */
  readonly ERR_P2P_ICE_SERVERS: undefined
  /** There is no connection with a peer after 30 s, or after 30 s of trouble; attempts go on. spec S88 */
  readonly ERR_P2P_UNREACHABLE: { readonly peer: string; readonly direction: 'send' | 'receive' }
  /** No data can be sent to the peer now, or it could not any longer before this was sent. spec S93 */
  readonly ERR_P2P_DATA_CLOSED: { readonly peer: string }
  /** Too much waits to be sent to the peer already. spec S92 */
  readonly ERR_P2P_DATA_QUEUE_FULL: { readonly peer: string }
  /** The data is longer than a message of its kind may be. spec S90 */
  readonly ERR_P2P_DATA_TOO_LARGE: { readonly byteLength: number; readonly maxBytes: number }
  /** Used after `close` or `stop`. */
  readonly ERR_P2P_CLOSED: undefined
}

/** A code of {@link P2pError}. */
export type P2pErrorCode = keyof P2pErrorDetails

/** An operation of this package that failed. Its message is its code in words, unless it is given another one. */
export class P2pError<Code extends P2pErrorCode = P2pErrorCode> extends CodedError<
  P2pErrorDetails,
  Code
> {
  override readonly name = 'P2pError'

  constructor(code: Code, details: P2pErrorDetails[Code], options?: CodedErrorOptions) {
    super(code, details, { message: inWords(code), ...options })
  }
}

/** Any error of this package, as a union that narrows by `code`. */
export type AnyP2pError = { [Code in P2pErrorCode]: P2pError<Code> }[P2pErrorCode]

/** Whether a value is an error of this package, also one of another copy of it or of another realm. */
export function isP2pError(value: unknown): value is AnyP2pError {
  return isCodedError(value, 'P2pError', CODES)
}

/** All codes. */
const CODES: { readonly [Code in P2pErrorCode]: true } = {
  ERR_P2P_PROTECT_FAILED: true,
  ERR_P2P_NEGOTIATION_FAILED: true,
  ERR_P2P_UNSUPPORTED_CODEC: true,
  ERR_P2P_EMIT_FAILED: true,
  ERR_P2P_UNSUPPORTED: true,
  ERR_P2P_TOO_MANY_PEERS: true,
  ERR_P2P_TOO_MANY_TRACKS: true,
  ERR_P2P_ICE_SERVERS: true,
  ERR_P2P_UNREACHABLE: true,
  ERR_P2P_DATA_CLOSED: true,
  ERR_P2P_DATA_QUEUE_FULL: true,
  ERR_P2P_DATA_TOO_LARGE: true,
  ERR_P2P_CLOSED: true,
}

const inWords = (code: P2pErrorCode): string =>
  code.slice('ERR_P2P_'.length).toLowerCase().replaceAll('_', ' ')
