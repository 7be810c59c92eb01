import { ServerResponse } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { MAX_MESSAGE_BYTES, SUBPROTOCOL } from '@conclave/wire'
import { WebSocketServer } from 'ws'
import type { ServerOptions, WebSocket } from 'ws'
import { stripBase } from '../http/http-policy.ts'
import type { Hub } from '../hub.ts'
import type { SessionSocket } from '../session/session-socket.ts'
import type { ProxyChain } from './client-address.ts'
import { Intake } from './intake.ts'
import { type TurnQueue, TurnWriter } from './turn-writer.ts'

/** Hands the WebSocket connections of an HTTP server to a hub; the returned server holds the open ones. */
export function acceptUpgrades({
  server,
  hub,
  proxies,
  basePath,
}: {
  readonly server: Server
  readonly hub: Hub
  readonly proxies: ProxyChain
  readonly basePath: string
}): WebSocketServer {
  const sockets = new WebSocketServer(SETTINGS)
  const turns = new TurnWriter()
  let isProxyTold = false
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    if (request.headers.upgrade?.toLowerCase() !== 'websocket')
      return answerPlainly({ server, request, stream })
    const { host, origin } = request.headers
    const { remoteAddress } = request.socket
    const forwardedFor = request.headers['x-forwarded-for']?.toString()
    const address = proxies.clientAddress(remoteAddress, forwardedFor)
    if (forwardedFor !== undefined && !isProxyTold && !proxies.has(remoteAddress ?? '')) {
      isProxyTold = true
      hub.log({ event: 'proxyNotTrusted' })
    }
    const protocols = request.headers['sec-websocket-protocol']
    const target = stripBase(request.url, basePath) ?? ''
    const admission = hub.admit({ target, host, origin, protocols, address })
    if (admission.type === 'refused')
      return refuseSocket(stream, admission.status, admission.retryAfterS)
    // Handlers are attached in this same task: the first message may be in `head` already.
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const queue = turns.queue((frames) => {
        if (socket.readyState === socket.OPEN) stream.write(frames)
      })
      connect({ socket, stream, hub, address, queue })
    })
  })
  return sockets
}

/** An offer of another protocol, such as `h2c`, is ignored: the request is answered as it is. RFC 9110 §7.8, spec H29 */
function answerPlainly({
  server,
  request,
  stream,
}: {
  readonly server: Server
  readonly request: IncomingMessage
  readonly stream: Duplex
}): void {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(stream as Socket)
  response.once('finish', () => stream.end())
  server.emit('request', request, response)
}

/** Answers on a bare socket with a status and closes it. */
export function refuseSocket(stream: Duplex, status: number, retryAfterS?: number): void {
  const retry = retryAfterS === undefined ? '' : `Retry-After: ${retryAfterS}\r\n`
  if (stream.writable)
    stream.end(`HTTP/1.1 ${status} \r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`)
  stream.once('finish', () => stream.destroy())
}

function connect({
  socket,
  stream,
  hub,
  address,
  queue,
}: {
  readonly socket: WebSocket
  readonly stream: Duplex
  readonly hub: Hub
  readonly address: string
  readonly queue: TurnQueue
}): void {
  const intake = new Intake(socket)
  const port: SessionSocket = {
    get bufferedBytes() {
      return socket.bufferedAmount + queue.bytes
    },
    get leftBytes() {
      return leftBytes(stream)
    },
    pause: () => intake.pause(),
    resume: () => intake.resume(),
    send: (data) => queue.send(data),
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping(undefined, undefined, ignore)
    },
    close: (code, reason) => {
      queue.flush()
      socket.close(code, reason)
      intake.end()
    },
    terminate: () => {
      queue.drop()
      socket.terminate()
    },
  }
  const connection = hub.connect(port, { address })
  intake.connect(connection)
  socket.on('message', (data: Buffer, isBinary) => {
    intake.push(isBinary ? data : data.toString('utf8'))
  })
  socket.on('pong', () => connection.heard())
  socket.on('ping', () => connection.heard())
  socket.on('error', ignore) // `close` follows
  socket.on('close', (code) => {
    queue.drop()
    intake.end()
    connection.closed(code)
  })
}

/** Node tells how much it gave to the system and how much of it the system has not taken, of which `bufferedAmount` tells nothing. */
function leftBytes(stream: Duplex): number {
  const { _handle: handle } = stream as {
    _handle?: { bytesWritten?: number; writeQueueSize?: number }
  }
  return (handle?.bytesWritten ?? 0) - (handle?.writeQueueSize ?? 0)
}

function ignore(): void {}

/** How WebSockets are read. spec H5 */
const SETTINGS: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  clientTracking: true,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: 64,
  maxBufferedChunks: 1024,
  // How long a client may take to answer a close frame, in milliseconds.
  closeTimeout: 2000,
  handleProtocols: () => SUBPROTOCOL,
}
