import { checkMethods } from '@conclave/base'
import type { EventTransport } from '../channel/transport.ts'
import { AdapterError } from '../errors.ts'
import { waitForEvent } from '../wait-for-event.ts'
import { checkPusherMessage, checkPusherName, toPusherData } from './pusher-message.ts'

/** The part of a connection of `pusher-js` that is used. */
export interface PusherConnectionLike {
  bind(eventName: string, callback: (event: unknown) => void): unknown
  unbind(eventName: string, callback: (event: unknown) => void): unknown
}

/** The part of a channel of `pusher-js` that is used. */
export interface PusherChannelLike {
  readonly name: string
  readonly subscribed: boolean
  readonly pusher: { readonly connection: PusherConnectionLike }
  trigger(eventName: string, data: unknown): boolean
  bind(eventName: string, callback: (data: unknown) => void): unknown
  unbind(eventName: string, callback: (data: unknown) => void): unknown
  bind_global(callback: (eventName: string, data: unknown) => void): unknown
  unbind_global(callback: (eventName: string, data: unknown) => void): unknown
}

/** The most bytes of a message that Pusher and Reverb accept by default. spec T22 */
export const MAX_PUSHER_BYTES = 10_000

/** A channel of `pusher-js` as a transport. spec T20 */
export function createPusherTransport(
  channel: PusherChannelLike,
  options: {
    readonly maxBytes: number
    readonly via: ((eventName: string, envelope: never) => Promise<void>) | undefined
  },
): EventTransport {
  checkMethods('channel', channel, 'trigger', 'bind', 'unbind', 'bind_global', 'unbind_global')
  const { maxBytes, via } = options
  const { name, pusher } = channel
  let refused = false
  return {
    encoding: 'json',
    checkName: checkPusherName,
    async send(eventName, envelope, signal) {
      if (!CLIENTS_SEND.test(name))
        throw new AdapterError('ERR_ADAPTER_RECEIVE_ONLY', { channel: name })
      const data = toPusherData(envelope)
      const event = via === undefined ? CLIENT_PREFIX + eventName : eventName
      checkPusherMessage({ event, channel: name, data }, maxBytes)
      if (via !== undefined) {
        await via(eventName, data as never)
        return
      }
      // `trigger` returns false when the connection was just lost: the channel is subscribed again after a reconnect.
      while (!channel.subscribed || !channel.trigger(event, data)) {
        if (refused) throw new AdapterError('ERR_ADAPTER_REFUSED', undefined)
        await waitForEvent(listenableOf(channel), [SUCCEEDED, FAILED], signal)
      }
    },
    receive(handler) {
      const receive = (event: unknown, data: unknown): void => {
        if (typeof event !== 'string') handler(undefined, data)
        else if (event === SUCCEEDED || event === FAILED) refused = event === FAILED
        // Events of the protocol are not the application's.
        else if (event.startsWith('pusher:')) return
        else if (!event.startsWith(CLIENT_PREFIX)) handler(event, data, 'backend')
        else handler(event.slice(CLIENT_PREFIX.length), data, 'client')
      }
      channel.bind_global(receive)
      return () => channel.unbind_global(receive)
    },
    watch(handler) {
      const report = (error: unknown): void => {
        const { data } = (error ?? {}) as { readonly data?: { readonly code?: unknown } | null }
        if (data?.code === RATE_LIMITED) handler({ type: 'rate-limited' })
      }
      pusher.connection.bind('error', report)
      return () => pusher.connection.unbind('error', report)
    },
  }
}

const listenableOf = (channel: PusherChannelLike) => ({
  addEventListener: (type: string, listener: () => void) => void channel.bind(type, listener),
  removeEventListener: (type: string, listener: () => void) => void channel.unbind(type, listener),
})

/** Private and presence channels, but not those where Pusher's own encryption forbids it. */
const CLIENTS_SEND = /^(?:private-(?!encrypted-)|presence-)/
const CLIENT_PREFIX = 'client-'
const SUCCEEDED = 'pusher:subscription_succeeded'
const FAILED = 'pusher:subscription_error'
/** "Client event rejected due to rate limit" in Pusher's protocol. */
const RATE_LIMITED = 4301
