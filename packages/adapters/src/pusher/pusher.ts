/**
 * Sealed events over channels of `pusher-js`, and for backends that use the `pusher` library. spec T20
 *
 * @module
 */
import type { JsonEnvelope } from '@conclave/e2ee'
import type { AnyEvents } from '../channel/channel-events.ts'
import { checkBytes, checkObject, kindOf } from '../channel/channel-options.ts'
import type { ChannelContext, SealedChannelOptions } from '../channel/channel-options.ts'
import { createPusherTransport, MAX_PUSHER_BYTES } from './pusher-transport.ts'
import type { PusherChannelLike } from './pusher-transport.ts'
import { checkPusherMessage, checkPusherName } from './pusher-message.ts'
import { sealChannel } from '../channel/sealed-channel.ts'
import type { SealedChannel } from '../channel/sealed-channel.ts'

export { MAX_PUSHER_BYTES } from './pusher-transport.ts'
export type { PusherChannelLike, PusherConnectionLike } from './pusher-transport.ts'

/** As {@link SealedChannelOptions}, for a channel that has a name. */
export interface PusherOptions<Events extends object = AnyEvents> extends Omit<
  SealedChannelOptions<Events>,
  'context'
> {
  /** Left out: scope `channel`, with the channel's whole name as its id. */
  readonly context?: ChannelContext
  /** The most bytes of a message; 10,000 when left out, which is what Pusher and Reverb carry. spec T22 */
  readonly maxBytes?: number
  /**
   * Gives envelopes to your backend, which triggers them as they are under the same name, instead of sending client
   * events. Rejects when the backend did not take it.
   */
  readonly via?: (eventName: string, envelope: JsonEnvelope) => Promise<void>
}

/**
 * Seals a channel of `pusher-js`. Sends client events, without their prefix `client-` in names here, once the channel is
 * subscribed; receives client events and those of backends. The channel stays yours, to unsubscribe too; its
 * `unbind_all` ends this as well.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function sealPusherChannel<Events extends object = AnyEvents>(
  channel: PusherChannelLike,
  options: PusherOptions<Events>,
): SealedChannel<Events> {
  checkObject('options', options)
  const { maxBytes = MAX_PUSHER_BYTES, via } = options
  checkBytes('maxBytes', maxBytes)
  if (via !== undefined && typeof via !== 'function') {
    throw new TypeError(`"via" expected function, got ${kindOf(via)}`)
  }
  const transport = createPusherTransport(channel, { maxBytes, via })
  return sealChannel<Events>(transport, { ...options, context: contextOf(channel.name, options) })
}

/** What is needed of a `Pusher` of the library for backends. */
export interface PusherBackendLike {
  trigger(channel: string, event: string, data: unknown): Promise<unknown>
}

/**
 * Seals what a backend that holds a key triggers on one channel: only `send` does something. Without a key a backend needs
 * nothing of this: it triggers the envelopes that clients gave it.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function sealPusherBackend<Events extends object = AnyEvents>(
  pusher: PusherBackendLike,
  channelName: string,
  options: Omit<PusherOptions<Events>, 'via'>,
): SealedChannel<Events> {
  checkObject('options', options)
  const { maxBytes = MAX_PUSHER_BYTES } = options
  checkBytes('maxBytes', maxBytes)
  if (typeof (pusher as Partial<PusherBackendLike> | null)?.trigger !== 'function') {
    throw new TypeError(
      `"pusher" expected a Pusher of the library for backends, got ${kindOf(pusher)}`,
    )
  }
  return sealChannel<Events>(
    {
      encoding: 'json',
      checkName: checkPusherName,
      async send(event, data) {
        checkPusherMessage({ event, channel: channelName, data }, maxBytes)
        await pusher.trigger(channelName, event, data)
      },
      receive: () => () => {},
    },
    { ...options, context: contextOf(channelName, options) },
  )
}

const contextOf = (
  name: string,
  { context }: { readonly context?: ChannelContext },
): ChannelContext => context ?? { kind: 'realtime', scope: 'channel', scopeId: name }
