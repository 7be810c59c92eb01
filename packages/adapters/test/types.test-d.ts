/** Compiled, never run: the real classes fit, and names and values are typed. */
import type { SealedChannel } from '@conclave/adapters'
import type { BroadcastChannelLike } from '@conclave/adapters/broadcast-channel'
import type { DataChannelLike } from '@conclave/adapters/data-channel'
import type { EchoChannelLike } from '@conclave/adapters/echo'
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
