import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { MAX_MESSAGE_BYTES, SUBPROTOCOL } from '@conclave/wire'
import { WebSocketServer } from 'ws'
import type { ServerOptions, WebSocket } from 'ws'
import { clientAddress } from '../door/client-address.ts'
import { stripBase } from '../http/http-policy.ts'
import type { Hub } from '../hub.ts'
import type { SessionSocket } from '../session/session-socket.ts'

/** Hands the WebSocket connections of an HTTP server to a hub; the returned server holds the open ones. */
export function acceptUpgrades({
  server,
  hub,
  trustedProxies,
  basePath,
}: {
  readonly server: Server
  readonly hub: Hub
  readonly trustedProxies: number
  readonly basePath: string
}): WebSocketServer {
  const sockets = new WebSocketServer(SETTINGS)
  const coalesce = createCoalescer()
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const { host, origin } = request.headers
    const address = clientAddress({
      direct: request.socket.remoteAddress,
      forwardedFor: request.headers['x-forwarded-for']?.toString(),
      trustedProxies,
    })
    const protocols = request.headers['sec-websocket-protocol']
    const target = stripBase(request.url, basePath) ?? ''
    const admission = hub.admit({ target, host, origin, protocols, address })
    if (admission.type === 'refused')
      return refuseSocket(stream, admission.status, admission.retryAfterS)
    // Handlers are attached in this same task: the first message may be in `head` already.
    sockets.handleUpgrade(request, stream, head, (socket) => {
      connect({ socket, hub, address, beforeSend: () => coalesce(stream) })
    })
  })
  return sockets
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
  hub,
  address,
  beforeSend,
}: {
  readonly socket: WebSocket
  readonly hub: Hub
  readonly address: string
  readonly beforeSend: () => void
}): void {
  const port: SessionSocket = {
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    send: (data) => {
      beforeSend()
      socket.send(data, ignore)
    },
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping(undefined, undefined, ignore)
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  }
  const connection = hub.connect(port, { address })
  socket.on('message', (data: Buffer, isBinary) => {
    void connection.receive(isBinary ? data : data.toString('utf8'))
  })
  socket.on('pong', () => connection.heard())
  socket.on('ping', () => connection.heard())
  socket.on('error', ignore) // `close` follows
  socket.on('close', (code) => connection.closed(code))
}

/** Holds back what is written to a stream until the event loop has read everything: one system call for all. */
function createCoalescer(): (stream: Duplex) => void {
  const corked = new Set<Duplex>()
  return (stream) => {
    if (corked.has(stream)) return
    if (corked.size === 0) {
      setImmediate(() => {
        for (const each of corked) each.uncork()
        corked.clear()
      })
    }
    corked.add(stream)
    stream.cork()
  }
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
