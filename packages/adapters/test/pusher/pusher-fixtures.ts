/** A local server of Pusher's protocol with real clients of `pusher-js` and a real backend of `pusher`. */
import { startPusherServer } from '@conclave/adapters/testing'
import type { PusherServer, PusherServerOptions } from '@conclave/adapters/testing'
import PusherBackend from 'pusher'
import PusherClient from 'pusher-js'
import type { Channel } from 'pusher-js'
import { WebSocketServer } from 'ws'

/** A server that runs, and what joins it. */
export interface PusherWorld {
  readonly server: PusherServer
  readonly backend: PusherBackend
  /** A new client; presence channels know it by its name. */
  client(name: string): PusherClient
  close(): Promise<void>
}

/** Starts a server and the app's backend, which lets everybody in but `mallory`. */
export async function startWorld(options: Partial<PusherServerOptions> = {}): Promise<PusherWorld> {
  const sockets = new WebSocketServer({ noServer: true })
  const server = await startPusherServer({ sockets, ...options })
  const { appId, key, secret, host, port } = server
  const backend = new PusherBackend({
    appId,
    key,
    secret,
    host,
    port: String(port),
    useTLS: false,
    encryptionMasterKeyBase64: Buffer.alloc(32, 5).toString('base64'),
  })
  const clients: PusherClient[] = []
  return {
    server,
    backend,
    client(name) {
      const client = new PusherClient(key, {
        ...clientOptions(server),
        channelAuthorization: {
          customHandler: ({ socketId, channelName }, callback) => {
            if (name === 'mallory') callback(new Error('forbidden'), null)
            else callback(null, authorize(backend, { socketId, channelName, name }))
          },
        },
      })
      clients.push(client)
      return client
    },
    async close() {
      for (const client of clients) client.disconnect()
      await server.close()
      sockets.close()
    },
  }
}

/** The answers of the app's own server. */
export function authorize(
  backend: PusherBackend,
  request: { readonly socketId: string; readonly channelName: string; readonly name: string },
): PusherBackend.ChannelAuthResponse {
  const { socketId, channelName, name } = request
  return channelName.startsWith('presence-')
    ? backend.authorizeChannel(socketId, channelName, { user_id: name })
    : backend.authorizeChannel(socketId, channelName)
}

/** How clients of `pusher-js` find the server. */
const clientOptions = ({ host, port }: { readonly host: string; readonly port: number }) => ({
  cluster: 'local',
  wsHost: host,
  wsPort: port,
  forceTLS: false,
  enabledTransports: ['ws' as const],
})

/** When a channel is subscribed. */
export function subscribed(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    if (channel.subscribed) resolve()
    else channel.bind('pusher:subscription_succeeded', () => resolve())
  })
}
