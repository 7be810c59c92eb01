import { textToBytes } from '@conclave/base'
import { AdapterError } from '../errors.ts'

/** A message of Pusher's protocol that a client or backend sends. */
export interface PusherMessage {
  readonly event: string
  readonly channel: string
  readonly data: unknown
}

/**
 * Checks the size of the whole message: some servers count all of it, others less.
 *
 * @throws AdapterError `ERR_ADAPTER_TOO_LARGE`. spec T22
 */
export function checkPusherMessage(message: PusherMessage, maxBytes: number): void {
  const byteLength = textToBytes(JSON.stringify(message)).length
  if (byteLength > maxBytes) {
    throw new AdapterError('ERR_ADAPTER_TOO_LARGE', { byteLength, maxBytes })
  }
}

/** The data of a message: a text as its JSON, because clients of the protocol parse texts. spec T20 */
export function toPusherData(envelope: unknown): unknown {
  return typeof envelope === 'string' ? JSON.stringify(envelope) : envelope
}

/**
 * Refuses event names that the protocol would mistake for another name or for its own.
 *
 * @throws RangeError. spec T20
 */
export function checkPusherName(eventName: string): void {
  const [prefix] = /^(?:client-|pusher:|pusher_internal:)/.exec(eventName) ?? []
  if (prefix === undefined) return
  throw new RangeError(`"eventName" expected a name that does not begin with "${prefix}"`)
}
