/**
 * Errors of this package: one class with a code to switch on.
 *
 * @module
 */

/** What each code carries. */
export interface P2pErrorDetails {
  /** A transform could not be set or its worker did not acknowledge; nothing is sent or shown on it. */
  ERR_P2P_PROTECT_FAILED: { readonly peer: string; readonly label: string }
  /** A description of the other side was not accepted, or none could be made here; it is tried again. */
  ERR_P2P_NEGOTIATION_FAILED: { readonly peer: string }
  /** The driver could not send; what matters is sent again. */
  ERR_P2P_EMIT_FAILED: { readonly peer: string }
  /** No more peers than this. */
  ERR_P2P_TOO_MANY_PEERS: { readonly limit: number }
  /** No more tracks than this. */
  ERR_P2P_TOO_MANY_TRACKS: { readonly limit: number }
  /** Used after `close` or `stop`. */
  ERR_P2P_CLOSED: undefined
}

/** A code of {@link P2pError}. */
export type P2pErrorCode = keyof P2pErrorDetails

/** An operation of this package that failed. */
export class P2pError<Code extends P2pErrorCode = P2pErrorCode> extends Error {
  override readonly name = 'P2pError'
  /** What happened, to switch on. */
  readonly code: Code
  /** What belongs to the code. */
  readonly details: P2pErrorDetails[Code]

  constructor(code: Code, details: P2pErrorDetails[Code], options?: ErrorOptions) {
    super(MESSAGES[code], options)
    this.code = code
    this.details = details
  }
}

/** Any error of this package, as a union that narrows by `code`. */
export type AnyP2pError = { [Code in P2pErrorCode]: P2pError<Code> }[P2pErrorCode]

/** Whether a value is an error of this package, also one of another copy of it or of another realm. */
export function isP2pError(value: unknown): value is AnyP2pError {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { name?: unknown }).name === 'P2pError' &&
    Object.hasOwn(MESSAGES, String((value as { code?: unknown }).code))
  )
}

const MESSAGES: Record<P2pErrorCode, string> = {
  ERR_P2P_PROTECT_FAILED: 'the frame protector did not acknowledge a transform',
  ERR_P2P_NEGOTIATION_FAILED: 'a description could not be made or applied',
  ERR_P2P_EMIT_FAILED: 'the driver could not send a message',
  ERR_P2P_TOO_MANY_PEERS: 'too many peers',
  ERR_P2P_TOO_MANY_TRACKS: 'too many tracks',
  ERR_P2P_CLOSED: 'already closed',
}
