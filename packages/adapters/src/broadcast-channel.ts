/**
 * Sealed events over a `BroadcastChannel`, between pages, frames and workers of one origin. spec T50
 *
 * @module
 */
import { checkMethods, checkObject } from '@conclave/base'
import type { AnyEvents, EventNameOf } from './channel/channel-events.ts'
import type { ChannelContext, SealedChannelOptions } from './channel/channel-options.ts'
import { AdapterError } from './errors.ts'
import { sealChannel } from './channel/sealed-channel.ts'
import type { SealedChannel } from './channel/sealed-channel.ts'
import { dataOf } from './wait-for-event.ts'

/** The part of a `BroadcastChannel` that is used. */
export interface BroadcastChannelLike {
  readonly name: string
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: object) => void): void
  removeEventListener(type: 'message', listener: (event: object) => void): void
}

/** As {@link SealedChannelOptions}, with a context by default. */
export interface BroadcastChannelOptions<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
> extends Omit<SealedChannelOptions<Events, Clear>, 'context'> {
  /** When left out: scope `broadcast`, with the channel's name as its id. */
  readonly context?: ChannelContext
}

/**
 * Seals a `BroadcastChannel`, against other scripts of the same origin, or for events that are sealed anyway. Closing the
 * channel stays yours.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealBroadcastChannel<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
>(
  channel: BroadcastChannelLike,
  options: BroadcastChannelOptions<Events, Clear>,
): SealedChannel<Events, Clear> {
  checkMethods('channel', channel, 'postMessage', 'addEventListener', 'removeEventListener')
  checkObject('options', options)
  const context = options.context ?? { kind: 'realtime', scope: 'broadcast', scopeId: channel.name }
  return sealChannel<Events, Clear>(
    {
      encoding: 'binary',
      send(event, data) {
        try {
          channel.postMessage({ event, data })
        } catch (cause) {
          throw new AdapterError('ERR_ADAPTER_NOT_OPEN', undefined, { cause })
        }
      },
      receive(handler) {
        const receive = (message: object): void => {
          const { event, data } = (dataOf(message) ?? {}) as {
            readonly event?: unknown
            readonly data?: unknown
          }
          handler(event, data)
        }
        channel.addEventListener('message', receive)
        return () => channel.removeEventListener('message', receive)
      },
    },
    { ...options, context },
  )
}
