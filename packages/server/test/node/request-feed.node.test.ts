import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { VirtualClock } from '@conclave/base/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { Rounds } from '../../src/limits/rounds.ts'
import { ProxyChain } from '../../src/node/client-address.ts'
import { listen } from '../../src/node/listen.ts'
import { RequestFeeds } from '../../src/node/request-feed.ts'
import { maskedText, start, stopAll, upgradeRequest } from './sockets.ts'

vi.setConfig({ testTimeout: 30_000 })

const closing: (() => void)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) close()
  await stopAll()
})

function open(port: number, localAddress = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  closing.push(() => socket.destroy())
  return socket
}

const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'

/** A server whose requests take a millisecond each, in turns that the test makes. */
async function createLoop(proxies: readonly string[] = []): Promise<{
  readonly server: Server
  readonly port: number
  readonly handled: { readonly address: unknown; readonly port: unknown }[]
  turn(): Promise<void>
}> {
  const clock = new VirtualClock(0)
  const turns: (() => void)[] = []
  const handled: { readonly address: unknown; readonly port: unknown }[] = []
  const server = createServer(({ socket }, response) => {
    clock.advance(1)
    handled.push({ address: socket.remoteAddress, port: socket.remotePort })
    response.end()
  })
  const rounds = new Rounds({
    now: () => clock.now(),
    nextTurn: (callback) => void turns.push(callback),
    setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
  })
  const settings = { rounds, proxies: new ProxyChain(proxies) }
  new RequestFeeds(server, { event: 'connection', ...settings })
  closing.push(() => server.close())
  return {
    server,
    port: await listen(server, { hostname: '127.0.0.1', port: 0 }),
    handled,
    turn: async () => {
      for (const callback of turns.splice(0)) callback()
      clock.advance(1)
      await turn()
    },
  }
}

test('[H63] requests that come at once are read in pieces, and another address is answered between two of them', async () => {
  const { server, port, handled, turn: next } = await createLoop()
  const count = 100
  const mallory = Array.from({ length: 4 }, () => open(port, '127.0.0.66'))
  for (const socket of mallory) socket.resume().write(REQUEST.repeat(count))
  await vi.waitUntil(() => handled.length > 0)
  // A piece: the turn has no time for a second one.
  const piece = Math.ceil(512 / REQUEST.length)
  expect(handled.length).toBeLessThanOrEqual(piece)
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const alice = open(port, '127.0.0.2').resume()
  alice.write(REQUEST)
  const [socket] = await accepted
  await vi.waitUntil(() => socket.bytesRead > 0)
  const place = (): number => handled.findIndex(({ address }) => address === '127.0.0.2')
  while (place() < 0) await next()
  expect(place()).toBeLessThanOrEqual(3 * piece)
  // Nothing is lost.
  while (handled.length < 4 * count + 1) await next()
})

test('[H63] behind a proxy each connection has its own part', async () => {
  const { server, port, handled, turn: next } = await createLoop(['127.0.0.9'])
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const busy = open(port, '127.0.0.9')
  busy.resume().write(REQUEST.repeat(100))
  const [first] = await accepted
  await vi.waitUntil(() => handled.length > 0)
  const other = once(server, 'connection') as Promise<[Socket]>
  open(port, '127.0.0.9').resume().write(REQUEST)
  const [second] = await other
  await vi.waitUntil(() => second.bytesRead > 0)
  const ports = (): readonly unknown[] => handled.map(({ port: from }) => from)
  while (!ports().includes(second.remotePort)) await next()
  expect(handled.length).toBeLessThan(100)
  expect(ports()[0]).toBe(first.remotePort)
})

test('[H63] answers come in order, however the requests are cut, and messages that come with an upgrade are read', async () => {
  const { port } = await start({ limits: { requestBurst: 10_000 } })
  const asking = open(port)
  let text = ''
  asking.on('data', (data: Buffer) => (text += data.toString('latin1')))
  const paths = Array.from({ length: 300 }, (_, n) => (n % 3 === 0 ? '/healthz' : '/none'))
  asking.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
  const statuses = (): readonly (string | undefined)[] =>
    Array.from(text.matchAll(/HTTP\/1.1 (\d+)/g), ([, status]) => status)
  await vi.waitUntil(() => statuses().length === paths.length)
  expect(statuses()).toEqual(paths.map((path) => (path === '/healthz' ? '200' : '404')))
  // A ping behind an upgrade with long headers, all in one write.
  const upgrade = upgradeRequest(port).replace(
    /\r\n\r\n$/,
    `\r\nX-Long: ${'a'.repeat(700)}\r\n\r\n`,
  )
  const client = open(port)
  let heard = ''
  client.on('data', (data: Buffer) => (heard += data.toString('latin1')))
  const pings = Array.from({ length: 20 }, (_, id) => maskedText(`{"type":"ping","id":${id}}`))
  client.write(Buffer.concat([Buffer.from(upgrade), ...pings.map((ping) => Buffer.from(ping))]))
  await vi.waitUntil(() => heard.includes('"id":19'))
  expect(Array.from(heard.matchAll(/"id":(\d+)/g), ([, id]) => Number(id))).toEqual(
    pings.map((_, id) => id),
  )
})

test('[H63] a request with a long body is refused and read, and the next one on the connection is answered', async () => {
  const { port } = await start()
  const client = open(port)
  let heard = ''
  client.on('data', (data: Buffer) => (heard += data.toString('latin1')))
  const body = 'x'.repeat(300_000)
  client.write(
    `POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}${REQUEST}`,
  )
  await vi.waitUntil(() => heard.includes('200 OK'))
  expect(heard.slice(0, 12)).toBe('HTTP/1.1 405')
})
