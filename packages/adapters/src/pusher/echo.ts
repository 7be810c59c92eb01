/**
 * Sealed events over channels of Laravel Echo, with Echo's own names for them. spec T30
 *
 * @module
 */
import { describeType } from '@conclave/base'
import type {
  AnyEvents,
  ArrivedEvent,
  ChannelNotices,
  ClearEvent,
  EventFacts,
} from '../channel/channel-events.ts'
import { sealPusherChannel } from './pusher.ts'
import type { PusherChannelLike, PusherOptions } from './pusher.ts'
import type { SealedChannel } from '../channel/sealed-channel.ts'

/** The part of a channel of Echo that is used, with a broadcaster of Pusher's protocol: `pusher`, `reverb`, `ably`. */
export interface EchoChannelLike {
  readonly subscription: PusherChannelLike
  readonly eventFormatter: { format(eventName: string): string }
}

/** A sealed channel with Echo's methods. */
export interface SealedEchoChannel<Clear extends string = never> {
  /** The underlying sealed channel; its event names are those on the wire, without `client-`. */
  readonly channel: SealedChannel<AnyEvents, Clear>
  /** Seals a value, unless the name is declared clear, and sends it to the other clients. @throws as `SealedChannel.send` */
  whisper(eventName: string, value: unknown): Promise<void>
  /** Calls `handler` with the whispers of others, until the returned function is called. */
  listenForWhisper<N extends string>(
    eventName: N,
    handler: EchoHandler<EventFacts<N, Clear>>,
  ): () => void
  /**
   * As Echo's `listen`: the namespace goes before the name unless it begins with a dot. `clear` declares the name with
   * its namespace, as it travels.
   */
  listen(eventName: string, handler: EchoHandler<EventFacts<string, Clear>>): () => void
  /** As {@link SealedChannel.on} for notices. */
  on<T extends keyof ChannelNotices>(
    type: T,
    handler: (notice: ChannelNotices[T]) => void,
  ): () => void
  /** As {@link SealedChannel.close}. */
  close(): Promise<void>
}

/** Handles a value that arrived. You must check its shape: any holder of the key can have written it, and anybody a clear one. */
export type EchoHandler<Event extends ArrivedEvent | ClearEvent = ArrivedEvent> = (
  value: unknown,
  event: Event,
) => void

/**
 * Seals a channel of Echo: `echo.private(...)`, `echo.join(...)`.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function sealEchoChannel<Clear extends string = never>(
  channel: EchoChannelLike,
  options: PusherOptions<AnyEvents, Clear>,
): SealedEchoChannel<Clear> {
  const { subscription, eventFormatter } = (channel ?? {}) as Partial<EchoChannelLike>
  if (subscription === undefined || eventFormatter === undefined) {
    throw new TypeError(
      `"channel" expected a channel of Echo over Pusher's protocol, got ${describeType(channel)}`,
    )
  }
  const sealed = sealPusherChannel<AnyEvents, Clear>(subscription, options)
  return {
    channel: sealed,
    whisper: (eventName, value) => sealed.send(eventName, value),
    listenForWhisper: (eventName, handler) => sealed.on(eventName, handler),
    listen: (eventName, handler) => sealed.on(eventFormatter.format(eventName), handler),
    on: (type, handler) => sealed.on(type, handler),
    close: () => sealed.close(),
  }
}
