/**
 * Sealed events over a `BroadcastChannel`, between pages, frames and workers of one origin. spec T50
 *
 * @module
 */
import type { AnyEvents } from './channel/channel-events.ts'
import { checkObject, kindOf } from './channel/channel-options.ts'
import type { ChannelContext, SealedChannelOptions } from './channel/channel-options.ts'
import { AdapterError } from './errors.ts'
import { sealChannel } from './channel/sealed-channel.ts'
import type { SealedChannel } from './channel/sealed-channel.ts'
import { dataOf } from './wait-for-event.ts'

/** What is needed of a `BroadcastChannel`. */
export interface BroadcastChannelLike {
  readonly name: string
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: object) => void): void
  removeEventListener(type: 'message', listener: (event: object) => void): void
}

/** As {@link SealedChannelOptions}, for a channel that has a name. */
export interface BroadcastChannelOptions<Events extends object = AnyEvents> extends Omit<
  SealedChannelOptions<Events>,
  'context'
> {
  /** Left out: scope `broadcast`, with the channel's name as its id. */
  readonly context?: ChannelContext
}

/**
 * Seals a `BroadcastChannel`: for scripts of the same origin that shall not read along, and for events that are sealed
 * anyway. The channel stays yours, to close too.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function sealBroadcastChannel<Events extends object = AnyEvents>(
  channel: BroadcastChannelLike,
  options: BroadcastChannelOptions<Events>,
): SealedChannel<Events> {
  if (typeof (channel as Partial<BroadcastChannelLike> | null)?.postMessage !== 'function') {
    throw new TypeError(`"channel" expected a BroadcastChannel, got ${kindOf(channel)}`)
  }
  checkObject('options', options)
  const context = options.context ?? { kind: 'realtime', scope: 'broadcast', scopeId: channel.name }
  return sealChannel<Events>(
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
          const said = (dataOf(message) ?? {}) as {
            readonly event?: unknown
            readonly data?: unknown
          }
          handler(said.event, said.data)
        }
        channel.addEventListener('message', receive)
        return () => channel.removeEventListener('message', receive)
      },
    },
    { ...options, context },
  )
}
