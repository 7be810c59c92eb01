/** Compiled, never run: the real classes fit, and names and values are typed. */
import { sealChannel } from '@conclave/adapters'
import type {
  ArrivedEvent,
  ClearEvent,
  EventTransport,
  SealedChannel,
  SealedChannelOptions,
} from '@conclave/adapters'
import { sealEchoChannel } from '@conclave/adapters/echo'
import type { BroadcastChannelLike } from '@conclave/adapters/broadcast-channel'
import type { DataChannelLike } from '@conclave/adapters/data-channel'
import type { EchoChannelLike } from '@conclave/adapters/echo'
import { sealPusherChannel } from '@conclave/adapters/pusher'
import type { PusherBackendLike, PusherChannelLike } from '@conclave/adapters/pusher'
import type { WebSocketServerLike } from '@conclave/adapters/testing'
import type { WebSocketLike } from '@conclave/adapters/websocket'
import type { Broadcaster } from 'laravel-echo'
import type PusherBackend from 'pusher'
import type { Channel, PresenceChannel } from 'pusher-js'
import type { WebSocket as WsSocket, WebSocketServer } from 'ws'

declare const real: {
  readonly channel: Channel
  readonly presence: PresenceChannel
  readonly backend: PusherBackend
  readonly echo: Broadcaster['pusher']['private']
  readonly echoPresence: Broadcaster['reverb']['presence']
  readonly echoPublic: Broadcaster['ably']['public']
  readonly socket: WebSocket
  readonly wsSocket: WsSocket
  readonly wsServer: WebSocketServer
  readonly broadcast: BroadcastChannel
  readonly dataChannel: RTCDataChannel
  readonly socketIo: Broadcaster['socket.io']['private']
}

export const pusherChannels: readonly PusherChannelLike[] = [real.channel, real.presence]
export const backend: PusherBackendLike = real.backend
export const echoChannels: readonly EchoChannelLike[] = [
  real.echo,
  real.echoPresence,
  real.echoPublic,
]
export const sockets: readonly WebSocketLike[] = [real.socket, real.wsSocket]
export const server: WebSocketServerLike = real.wsServer
export const broadcast: BroadcastChannelLike = real.broadcast
export const dataChannel: DataChannelLike = real.dataChannel

// @ts-expect-error -- Echo over Socket.IO has no channel of Pusher's protocol beneath it.
export const socketIo: EchoChannelLike = real.socketIo

interface ChatEvents {
  readonly message: { readonly body: string }
  readonly typing: boolean
}

export async function typed(channel: SealedChannel<ChatEvents>): Promise<void> {
  await channel.send('message', { body: 'hello' })
  channel.on('message', ({ body }) => body.toUpperCase())
  channel.on('typing', (typing, { sender }) => [typing satisfies boolean, sender])
  channel.on('dropped', ({ reason }) => reason === 'unsealed')
  channel.on('unknownKey', ({ keyId, kept }) => [keyId, kept])
  // @ts-expect-error -- no event of this name.
  await channel.send('massage', { body: 'hello' })
  // @ts-expect-error -- another value.
  await channel.send('message', { text: 'hello' })
  // @ts-expect-error -- no reason of this name.
  channel.on('dropped', ({ reason }) => reason === 'unsaled')
}

declare const given: {
  readonly transport: EventTransport
  readonly options: SealedChannelOptions<ChatEvents>
  readonly context: SealedChannelOptions['context']
  readonly key: CryptoKey
  readonly names: readonly string[]
  readonly name: string
}

export function clearNames(): void {
  const { transport, options, context, key, names, name } = given
  const channel = sealChannel<ChatEvents, 'typing'>(transport, { ...options, clear: ['typing'] })
  channel.on('typing', (typing, event) => [typing satisfies boolean, event satisfies ClearEvent])
  channel.on('message', ({ body }, { sender }) => [body, sender])
  // @ts-expect-error -- a clear event has no sender.
  channel.on('typing', (_typing, { sender }) => sender)
  // @ts-expect-error -- handlers of clear events get them as such.
  channel.on('typing', (_typing, event: ArrivedEvent) => event)
  // @ts-expect-error -- the type does not say that the name is clear.
  sealChannel<ChatEvents>(transport, { ...options, clear: ['typing'] })
  // @ts-expect-error -- no event of this name.
  sealChannel<ChatEvents, 'typin'>(transport, { ...options, clear: ['typin'] })
  // @ts-expect-error -- a channel with clear events is no channel without.
  const sealed: SealedChannel<ChatEvents> = channel

  const plain = sealChannel(transport, {
    keys: key,
    context,
    sender: 'alice',
    clear: ['typing', 'seen'],
  })
  plain.on('seen', (_value, event) => event satisfies ClearEvent)
  plain.on('message', (_value, event) => [event satisfies ArrivedEvent, sealed])
  plain.on(name, (_value, event) => event.type === 'sealed' && event.sender)
  // @ts-expect-error -- the name may be a clear one.
  plain.on(name, (_value, { sender }) => sender)

  const some = sealChannel(transport, { keys: key, context, sender: 'alice', clear: names })
  some.on('message', (_value, event) => event.type === 'clear' || event.sender)
  // @ts-expect-error -- nobody knows which names are clear.
  some.on('message', (_value, { sender }) => sender)

  const echo = sealEchoChannel(real.echo, { keys: key, sender: 'alice', clear: ['typing'] })
  echo.listenForWhisper('typing', (_value, event) => event satisfies ClearEvent)
  echo.listenForWhisper('message', (_value, { sender }) => sender)
  echo.listen('.typing', (_value, event) => event.type === 'clear' || event.sender)

  sealPusherChannel(real.channel, {
    keys: key,
    sender: 'alice',
    via: async (_name, { epoch }) => void epoch,
  })
  sealPusherChannel(real.channel, {
    ...{ keys: key, sender: 'alice' },
    clear: ['typing'],
    // @ts-expect-error -- where names are clear a backend gets any JSON.
    via: async (_name, { epoch }) => void epoch,
  })
}
