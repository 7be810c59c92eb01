/** What each code of a {@link ServerError} says beside its message. */
export interface ServerErrorDetails {
  /** Somebody else listens on this port. */
  readonly ERR_SERVER_PORT_TAKEN: { readonly port: number }
  /** This address or port cannot be listened on. */
  readonly ERR_SERVER_ADDRESS: { readonly hostname: string; readonly port: number }
  /** The folder of the app is not there, has no page, or is too large. */
  readonly ERR_SERVER_APP: undefined
}

/** A hub could not start. The message is one sentence for whoever started it. */
export class ServerError<
  C extends keyof ServerErrorDetails = keyof ServerErrorDetails,
> extends Error {
  override readonly name = 'ServerError'
  readonly code: C
  readonly details: ServerErrorDetails[C]

  constructor(code: C, message: string, details: ServerErrorDetails[C]) {
    super(message)
    this.code = code
    this.details = details
  }
}

/** Whether a value is a {@link ServerError}, also of another copy of this package. */
export function isServerError(value: unknown): value is ServerError {
  return value instanceof Error && value.name === 'ServerError' && 'code' in value
}
