/**
 * The meaning of a close code for a session. Only `wire`'s table says which codes are final. spec R3, W14
 *
 * @module
 */
import { CLOSE_CODES, type CloseCode } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import type { TransportEnd } from '../transport.ts'

/** The reason why a session ends with this close code; `undefined` for a code after which a client reconnects. */
export function endOf(code: number): TransportEnd | undefined {
  const closeCode = find(code)
  if (closeCode === undefined || closeCode.retry) return undefined
  if (closeCode === CLOSE_CODES.replaced) return 'replaced'
  if (closeCode === CLOSE_CODES.removed) return 'removed'
  return closeCode === CLOSE_CODES.full ? 'full' : 'refused'
}

/** Whether a client waits after this close code, however long the connection stood. */
export function waitsAfter(code: number): boolean {
  return find(code)?.waits === true
}

/** The error of a join that a transport's end cuts short. */
export function errorOf(end: TransportEnd): ClientError {
  if (end === 'refused' || end === 'removed') {
    return new ClientError('ERR_CLIENT_REFUSED', undefined)
  }
  if (end === 'full') return new ClientError('ERR_CLIENT_FULL', undefined)
  return new ClientError('ERR_CLIENT_CLOSED', undefined)
}

/** The error of a join that the caller's signal ended, with the signal's reason. */
export function abortedError(signal: AbortSignal | undefined): ClientError {
  return new ClientError('ERR_CLIENT_ABORTED', undefined, { cause: signal?.reason as unknown })
}

const find = (code: number): CloseCode | undefined =>
  Object.values(CLOSE_CODES).find((known) => known.code === code)
