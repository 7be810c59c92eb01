import { AdapterError } from '../errors.ts'

/** A message of Pusher's protocol that a client or backend sends. */
export interface PusherMessage {
  readonly event: string
  readonly channel: string
  readonly data: unknown
}

/**
 * Checks that a message is carried, all of it counted: servers count more or less of it.
 *
 * @throws AdapterError `ERR_ADAPTER_TOO_LARGE`. spec T22
 */
export function checkPusherMessage(message: PusherMessage, maxBytes: number): void {
  const byteLength = new TextEncoder().encode(JSON.stringify(message)).length
  if (byteLength > maxBytes) {
    throw new AdapterError('ERR_ADAPTER_TOO_LARGE', { byteLength, maxBytes })
  }
}

/**
 * Checks an event name that the protocol would take for another or for its own.
 *
 * @throws RangeError. spec T20
 */
export function checkPusherName(eventName: string): void {
  const [prefix] = /^(?:client-|pusher:|pusher_internal:)/.exec(eventName) ?? []
  if (prefix === undefined) return
  throw new RangeError(`"eventName" expected a name that does not begin with "${prefix}"`)
}
