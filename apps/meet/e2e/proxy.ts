/**
 * A reverse proxy that shows a hub and its app below a path, as operators put one in front.
 *
 * @module
 */
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'

/** The addresses of a proxy and of the hub behind it. */
export interface ProxyOptions {
  readonly port: number
  readonly hubPort: number
  /** The path below which the hub is shown. */
  readonly path: string
  /** Whether the hub sees requests without that path. */
  readonly strips: boolean
}

/** Starts a proxy; `close` ends it with all its connections. */
export async function startProxy(options: ProxyOptions): Promise<{ close(): void }> {
  const { port, hubPort, path, strips } = options
  const targetOf = ({ url = '' }: IncomingMessage): string | undefined => {
    if (!url.startsWith(path)) return undefined
    return strips ? url.slice(path.length - 1) : url
  }
  const sockets = new Set<Socket>()
  const server: Server = createServer((incoming, outgoing) => {
    const target = targetOf(incoming)
    if (target === undefined) {
      outgoing.writeHead(404).end()
      return
    }
    const { method, headers } = incoming
    const sent = request({ port: hubPort, path: target, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    sent.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(sent)
  })
  server.on('connection', (socket) => sockets.add(socket.on('error', () => socket.destroy())))
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
    const target = targetOf(incoming)
    if (target === undefined) {
      socket.destroy()
      return
    }
    const hub = connect(hubPort, '127.0.0.1', () => {
      const lines = incoming.rawHeaders.map((text, index) => text + (index % 2 ? '\r\n' : ': '))
      hub.write(`GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
      hub.pipe(socket).pipe(hub)
    })
    hub.on('error', () => socket.destroy())
    sockets.add(hub)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
