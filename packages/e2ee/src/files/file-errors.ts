import { E2eeError } from '../errors.ts'

/** The error for everything that does not authenticate. spec F9 */
export function openFailedError(): E2eeError<'ERR_E2EE_OPEN_FAILED'> {
  return new E2eeError('ERR_E2EE_OPEN_FAILED', undefined, { message: 'the file does not open' })
}

/** The error for input that is not of its form. spec F9 */
export function malformedError(what: string): E2eeError<'ERR_E2EE_MALFORMED'> {
  return new E2eeError('ERR_E2EE_MALFORMED', undefined, { message: `no ${what}` })
}

/** The error for more bytes than fit. spec F5 */
export function tooLargeError(
  byteLength: number,
  maxBytes: number,
): E2eeError<'ERR_E2EE_TOO_LARGE'> {
  return new E2eeError(
    'ERR_E2EE_TOO_LARGE',
    { byteLength, maxBytes },
    { message: `a file of ${byteLength} bytes does not fit` },
  )
}
