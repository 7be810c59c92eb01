/**
 * Sealed events over channels of `pusher-js`, and for backends that use the `pusher` library. spec T20
 *
 * @module
 */
import { checkFunction, checkInteger, checkMethods, checkObject, checkString } from '@conclave/base'
import type { JsonEnvelope } from '@conclave/e2ee'
import type { AnyEvents, EventNameOf } from '../channel/channel-events.ts'
import type { ChannelContext, SealedChannelOptions } from '../channel/channel-options.ts'
import { createPusherTransport, MAX_PUSHER_BYTES } from './pusher-transport.ts'
import type { PusherChannelLike } from './pusher-transport.ts'
import { checkPusherMessage, checkPusherName, toPusherData } from './pusher-message.ts'
import { sealChannel } from '../channel/sealed-channel.ts'
import type { SealedChannel } from '../channel/sealed-channel.ts'

export { MAX_PUSHER_BYTES } from './pusher-transport.ts'
export type { PusherChannelLike, PusherConnectionLike } from './pusher-transport.ts'

/** As {@link SealedChannelOptions}, with a context by default. */
export interface PusherOptions<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
> extends Omit<SealedChannelOptions<Events, Clear>, 'context'> {
  /** When left out: scope `channel`, with the channel's whole name as its id. */
  readonly context?: ChannelContext
  /** The most bytes of a message; 10,000 when left out, as Pusher and Reverb accept. spec T22 */
  readonly maxBytes?: number
  /**
   * Sends envelopes to your backend instead of as client events; the backend triggers them unchanged under the same name.
   * You must reject when the backend did not accept one. Clear events come this way too, as their values, and a text as
   * its JSON.
   */
  readonly via?: (eventName: string, envelope: ViaBackend<Clear>) => Promise<void>
}

/** The data that goes to a backend: envelopes, and any JSON where names are declared clear. */
export type ViaBackend<Clear extends string> = [Clear] extends [never] ? JsonEnvelope : unknown

/**
 * Seals a channel of `pusher-js`. Sends client events once the channel is subscribed, under names without the prefix
 * `client-` here; receives client events and events of backends. Unsubscribing the channel stays yours; its `unbind_all`
 * ends the sealed channel too.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealPusherChannel<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
>(channel: PusherChannelLike, options: PusherOptions<Events, Clear>): SealedChannel<Events, Clear> {
  checkObject('options', options)
  const { maxBytes = MAX_PUSHER_BYTES, via } = options
  checkInteger('maxBytes', maxBytes, { min: 0, max: Number.MAX_SAFE_INTEGER })
  if (via !== undefined) checkFunction('via', via)
  const transport = createPusherTransport(channel, { maxBytes, via })
  const context = contextOf(channel.name, options)
  return sealChannel<Events, Clear>(transport, { ...options, context })
}

/** The part of a `Pusher` of the library for backends that is used. */
export interface PusherBackendLike {
  trigger(channel: string, event: string, data: unknown): Promise<unknown>
}

/**
 * Seals the events that a backend with a key triggers on one channel; it receives none. A backend without a key does not
 * need it: it triggers the envelopes of clients.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealPusherBackend<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
>(
  pusher: PusherBackendLike,
  channelName: string,
  options: Omit<PusherOptions<Events, Clear>, 'via'>,
): SealedChannel<Events, Clear> {
  checkObject('options', options)
  const { maxBytes = MAX_PUSHER_BYTES } = options
  checkInteger('maxBytes', maxBytes, { min: 0, max: Number.MAX_SAFE_INTEGER })
  checkMethods('pusher', pusher, 'trigger')
  checkString('channelName', channelName)
  return sealChannel<Events, Clear>(
    {
      encoding: 'json',
      checkName: checkPusherName,
      async send(event, envelope) {
        const data = toPusherData(envelope)
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
