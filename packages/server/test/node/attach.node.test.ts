/** Hubs on the servers of applications. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import { attachHub, type AttachOptions, type AttachedHub } from '@conclave/server/node'
import { createTestRoom } from '@conclave/server/testing'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer, WebSocket } from 'ws'
import { SocketClient, upgradeRequest } from './sockets.ts'

test('[H61] the hub stands at its path, and everything else is answered by the application', async () => {
  const { port, server } = await listen()
  attach(server, { path: '/team/hub' })
  const room = await createTestRoom()
  const url = `ws://127.0.0.1:${port}/team/hub`
  const client = new SocketClient(url, { origin: `http://127.0.0.1:${port}` })
  await client.joined(room)
  client.socket.close()
  for (const path of ['/', '/hub', '/team/hub', '/healthz'])
    expect(await textAt(port, path), path).toBe(`application at ${path}`)
})

test('[H61, H1] origins and the rest of the door hold at that path', async () => {
  const { port, server } = await listen()
  attach(server)
  const url = `ws://127.0.0.1:${port}/hub`
  const origin = `http://127.0.0.1:${port}`
  expect(await new SocketClient(url, { origin: 'http://evil.example' }).ended).toBe(403)
  expect(await new SocketClient(url, { origin, protocol: 'other' }).ended).toBe(400)
  expect(await new SocketClient(`${url}?secret=1`, { origin }).ended).toBe(404)
})

test('[H61] the upgrades of other paths go to the application that listens for them', async () => {
  const { port, server } = await listen()
  const chat = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, stream, head) => {
    if (request.url === '/chat') chat.handleUpgrade(request, stream, head, (one) => one.send('hi'))
  })
  attach(server)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`)
  const [text] = await once(socket, 'message')
  expect(String(text)).toBe('hi')
  socket.terminate()
})

test('[H61] where nobody else listens, upgrades of other paths and offers of other protocols are ordinary requests', async () => {
  const { port, server } = await listen()
  attach(server)
  const other = await ask(port, upgradeRequest(port).replace('/hub', '/other'))
  expect(other).toMatch(/^HTTP\/1\.1 200 /)
  const offer = (path: string): string =>
    [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: h2c',
      '',
      '',
    ].join('\r\n')
  for (const path of ['/page', '/hub'])
    expect(await ask(port, offer(path))).toMatch(/^HTTP\/1\.1 200 /)
})

test('[H61] several hubs stand on one server, and one path has one', async () => {
  const { port, server } = await listen()
  const first = attach(server, { path: '/one/hub' })
  attach(server, { path: '/two/hub' })
  expect(() => attach(server, { path: '/two/hub' })).toThrow(TypeError)
  await first.close()
  const room = await createTestRoom()
  const origin = `http://127.0.0.1:${port}`
  const client = new SocketClient(`ws://127.0.0.1:${port}/two/hub`, { origin })
  await client.joined(room)
  expect(await new SocketClient(`ws://127.0.0.1:${port}/one/hub`, { origin }).ended).not.toBe(101)
})

test('[H61, H28] a hub that is closed sends its clients away, and the server goes on', async () => {
  const { port, server } = await listen()
  const attached = attach(server)
  const client = new SocketClient(`ws://127.0.0.1:${port}/hub`)
  await client.joined(await createTestRoom())
  await attached.close()
  expect(await client.ended).toBe(4503)
  expect(server.listenerCount('upgrade')).toBe(0)
  expect(await textAt(port, '/')).toBe('application at /')
  await attached.close()
})

test.each(['hub', '/realtime', '/hub/', '/a//hub', '/a?hub', '/%2e/hub'])(
  '[H61] %s is no path',
  async (path) => {
    const { server } = await listen()
    expect(() => attach(server, { path })).toThrow('"path" expected a path that ends with /hub')
  },
)

async function listen(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((request, response) => response.end(`application at ${request.url}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  return { port: address.port, server }
}

function attach(server: Server, options?: AttachOptions): AttachedHub {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const hub = createHub({ engine: createMemoryEngine(), origins: localOrigins(address.port) })
  const attached = attachHub(server, hub, options)
  onTestFinished(() => attached.close())
  return attached
}

async function textAt(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return response.text()
}

async function ask(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer)
}
