/**
 * Looks at sealed messages before they are opened: nothing of it has authenticated.
 *
 * @module
 */
import { decodeEnvelopeHeader } from '@conclave/e2ee'
import { MESSAGE_KINDS } from './bodies.ts'

/** Whether a message says that it is a hello. */
export const claimsHello = (payload: Uint8Array): boolean =>
  decodeEnvelopeHeader(payload)?.kind === MESSAGE_KINDS.hello

/** Whether a message says that it belongs to a stream of data. */
export const claimsData = (payload: Uint8Array): boolean =>
  decodeEnvelopeHeader(payload)?.audience === 'data'
