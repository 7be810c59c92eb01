import { randomBytes, randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { systemClock } from '@conclave/base'
import { answerApi } from './pusher-api.ts'
import type { JsonAnswer } from './pusher-api.ts'
import { PusherChannels } from './pusher-channels.ts'
import { PusherConnection } from './pusher-connection.ts'
import type { PusherCredentials } from './pusher-signature.ts'

/** The part of a socket of `ws` that is used. */
export interface ServerSocketLike {
  send(text: string): void
  close(code: number, reason: string): void
  terminate(): void
  addEventListener(type: 'message' | 'close', listener: (event: object) => void): void
}

/** The part of `new WebSocketServer({ noServer: true })` of `ws` that is used. */
export interface WebSocketServerLike {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (socket: ServerSocketLike) => void,
  ): void
}

/** A request to join a channel. */
export interface ChannelAuthorization {
  readonly socketId: string
  readonly channelName: string
}

/** How a server is started. */
export interface PusherServerOptions {
  /** `new WebSocketServer({ noServer: true })` of the `ws` library. */
  readonly sockets: WebSocketServerLike
  /** The answer of the app's own server on `/pusher/auth`; throws to refuse a client. */
  readonly authorize?: (request: ChannelAuthorization) => unknown
  /** 10 when left out, which is Pusher's limit. */
  readonly clientEventsPerSecond?: number
  /** Time in milliseconds since 1970; the machine's time when left out. */
  readonly now?: () => number
  /** Answers other requests, by their path: for pages of tests. */
  readonly page?: (path: string) => { readonly type: string; readonly body: string } | undefined
}

/** A server for one app that runs on 127.0.0.1, on a free port. */
export interface PusherServer extends PusherCredentials {
  readonly host: string
  readonly port: number
  /** Everything that the server received: requests with their headers, and messages, as text. */
  readonly seen: readonly string[]
  /** Ends every connection without a close frame; clients reconnect. */
  dropConnections(): void
  /** Stops. */
  close(): Promise<void>
}

/** Starts a server for one app whose credentials are random. */
export async function startPusherServer(options: PusherServerOptions): Promise<PusherServer> {
  const credentials = {
    appId: String(randomInt(1e6)),
    key: randomBytes(10).toString('hex'),
    secret: randomBytes(20).toString('hex'),
  }
  const { sockets, authorize, clientEventsPerSecond = 10, page } = options
  const { now = () => systemClock.now() } = options
  const channels = new PusherChannels()
  const connected = new Set<ServerSocketLike>()
  const seen: string[] = []

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const { method = '', url: path = '' } = request
    seen.push(`${method} ${path} ${JSON.stringify(request.headers)} ${body}`)
    const url = new URL(path, 'http://127.0.0.1')
    if (url.pathname === '/pusher/auth' && authorize !== undefined) {
      return answerJson(response, authorizeWith(authorize, new URLSearchParams(body)))
    }
    if (url.pathname.startsWith(`/apps/${credentials.appId}/`)) {
      const api = { credentials, channels, now: now() / 1000 }
      return answerJson(response, answerApi({ method, url, body }, api))
    }
    const found = page?.(url.pathname)
    response.writeHead(found ? 200 : 404, { 'content-type': found?.type ?? 'text/plain' })
    response.end(found?.body ?? 'not found')
    return undefined
  }
  const server = createServer((request, response) => void answer(request, response))

  server.on('upgrade', (request, stream, head) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
    sockets.handleUpgrade(request, stream, head, (socket) => {
      connected.add(socket)
      socket.addEventListener('close', () => connected.delete(socket))
      const refusal = refusalOfConnection(url, credentials.key)
      if (refusal !== undefined) return socket.close(refusal, 'refused')
      const send = (message: string): void => socket.send(message)
      const context = { credentials, channels, clientEventsPerSecond, now, send }
      const connection = new PusherConnection(`${randomInt(1e6)}.${randomInt(1e6)}`, context)
      socket.addEventListener('message', (event) => {
        const { data } = event as { readonly data?: unknown }
        seen.push(String(data))
        connection.receive(data)
      })
      socket.addEventListener('close', () => connection.close())
      return undefined
    })
  })

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const dropConnections = (): void => {
    for (const socket of connected) socket.terminate()
  }
  return {
    ...credentials,
    host: '127.0.0.1',
    port,
    seen,
    dropConnections,
    async close() {
      dropConnections()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function authorizeWith(
  authorize: (request: ChannelAuthorization) => unknown,
  form: URLSearchParams,
): JsonAnswer {
  try {
    const request = {
      socketId: form.get('socket_id') ?? '',
      channelName: form.get('channel_name') ?? '',
    }
    return { status: 200, body: authorize(request) }
  } catch {
    return { status: 403, body: {} }
  }
}

/** The close code for a connection that is refused. */
function refusalOfConnection(url: URL, key: string): number | undefined {
  const [, folder, name, ...rest] = url.pathname.split('/')
  if (folder !== 'app' || rest.length > 0) return 4005
  if (name !== key) return 4001
  const version = url.searchParams.get('protocol')
  if (version === null) return 4008
  return /^[4-7]$/.test(version) ? undefined : 4007
}

function answerJson(response: ServerResponse, { status, body }: JsonAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
