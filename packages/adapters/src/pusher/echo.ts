/**
 * Sealed events over channels of Laravel Echo, with Echo's own names for them. spec T30
 *
 * @module
 */
import type { ArrivedEvent, ChannelNotices } from '../channel/channel-events.ts'
import { kindOf } from '../channel/channel-options.ts'
import { sealPusherChannel } from './pusher.ts'
import type { PusherChannelLike, PusherOptions } from './pusher.ts'
import type { SealedChannel } from '../channel/sealed-channel.ts'

/** What is needed of a channel of Echo with one of its Pusher-protocol broadcasters: `pusher`, `reverb`, `ably`. */
export interface EchoChannelLike {
  readonly subscription: PusherChannelLike
  readonly eventFormatter: { format(eventName: string): string }
}

/** A sealed channel by Echo's names. */
export interface SealedEchoChannel {
  /** The channel beneath, whose event names are those that travel, without `client-`. */
  readonly channel: SealedChannel
  /** Seals a value and sends it to the other clients. @throws as `SealedChannel.send` */
  whisper(eventName: string, value: unknown): Promise<void>
  /** Calls `handler` with what others whispered, until the returned function is called. */
  listenForWhisper(eventName: string, handler: EchoHandler): () => void
  /** As Echo's `listen`: the namespace goes before the name unless it begins with a dot. */
  listen(eventName: string, handler: EchoHandler): () => void
  /** As {@link SealedChannel.on} for notices. */
  on<T extends keyof ChannelNotices>(
    type: T,
    handler: (notice: ChannelNotices[T]) => void,
  ): () => void
  /** As {@link SealedChannel.close}. */
  close(): Promise<void>
}

/** Takes a value that was opened. You must check its shape: whoever has the key wrote it. */
export type EchoHandler = (value: unknown, event: ArrivedEvent) => void

/**
 * Seals a channel of Echo: `echo.private(...)`, `echo.join(...)`.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function sealEchoChannel(
  channel: EchoChannelLike,
  options: PusherOptions,
): SealedEchoChannel {
  const { subscription, eventFormatter } = (channel ?? {}) as Partial<EchoChannelLike>
  if (subscription === undefined || eventFormatter === undefined) {
    throw new TypeError(
      `"channel" expected a channel of Echo over Pusher's protocol, got ${kindOf(channel)}`,
    )
  }
  const sealed = sealPusherChannel(subscription, options)
  return {
    channel: sealed,
    whisper: (eventName, value) => sealed.send(eventName, value),
    listenForWhisper: (eventName, handler) => sealed.on(eventName, handler),
    listen: (eventName, handler) => sealed.on(eventFormatter.format(eventName), handler),
    on: (type, handler) => sealed.on(type, handler),
    close: () => sealed.close(),
  }
}
