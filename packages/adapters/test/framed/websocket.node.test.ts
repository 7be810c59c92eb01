/** Node's own WebSocket and that of `ws`, over a real server that sends to everybody what it gets. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { sealWebSocket } from '@conclave/adapters/websocket'
import type { WebSocketOptions } from '@conclave/adapters/websocket'
import type { SealedChannel } from '@conclave/adapters'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket as WsSocket, WebSocketServer } from 'ws'
import { CONTEXT, failureOf, ringOf } from '../fixtures.ts'

let server: WebSocketServer
let url: string
const seen: Buffer[] = []

beforeEach(async () => {
  seen.length = 0
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      seen.push(data as Buffer)
      for (const client of server.clients) client.send(data, { binary: isBinary })
    })
  })
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  for (const client of server.clients) client.terminate()
  server.close()
})

const makers = {
  "Node's": () => new WebSocket(url),
  "ws's": () => {
    const socket = new WsSocket(url)
    // A server that ends before it answered is an exception without a listener.
    socket.addEventListener('error', () => {})
    return socket
  },
} as const

const seal = (
  maker: keyof typeof makers,
  options: Partial<WebSocketOptions> & { readonly sender: string },
): { channel: SealedChannel; socket: WebSocket | WsSocket; values: unknown[] } => {
  const socket = makers[maker]()
  const values: unknown[] = []
  const channel = sealWebSocket(socket, { keys: ringOf(), context: CONTEXT, ...options })
  channel.on('message', (value) => values.push(value))
  return { channel, socket, values }
}

const open = (socket: WebSocket | WsSocket): Promise<unknown> =>
  socket.readyState === 1
    ? Promise.resolve()
    : new Promise((resolve) => socket.addEventListener('open', resolve))

const cases = (Object.keys(makers) as (keyof typeof makers)[]).flatMap((maker) =>
  (['json', 'binary'] as const).map((encoding) => ({ maker, encoding })),
)

test.each(cases)(
  '[T18, T19, T41] $maker socket in $encoding: clear events travel readable beside sealed ones, and the server sends them too',
  async ({ maker, encoding }) => {
    const sockets = [makers[maker](), makers[maker]()] as const
    const [alice, bob] = sockets.map((socket, index) =>
      sealWebSocket(socket, {
        ...{ keys: ringOf(), context: CONTEXT, encoding, clear: ['typing', 'notice'] },
        sender: `device-${index}`,
      }),
    )
    const heard: unknown[] = []
    for (const name of ['typing', 'notice', 'message'])
      bob?.on(name, (value, { type }) => heard.push([name, type, value]))
    await Promise.all(sockets.map(open))
    await alice?.send('typing', { canary: 1 })
    await alice?.send('message', { secret: 2 })
    await expect.poll(() => heard).toHaveLength(2)
    for (const client of server.clients) client.send('{"event":"notice","data":[3]}')
    await expect.poll(() => heard).toHaveLength(3)
    expect(heard).toEqual([
      ['typing', 'clear', { canary: 1 }],
      ['message', 'sealed', { secret: 2 }],
      ['notice', 'clear', [3]],
    ])
    const frame = {
      json: '{"event":"typing","data":{"canary":1}}',
      binary: '\u0001\0\u0006typing{"canary":1}',
    }
    expect(seen[0]?.toString('latin1')).toBe(frame[encoding])
    expect(Buffer.concat(seen).toString('latin1')).not.toContain('secret')
  },
)

test.each(cases)(
  '[T40, T41, T70] $maker socket in $encoding: events wait while it connects, and none travels in clear',
  async ({ maker, encoding }) => {
    const bob = seal(maker, { sender: 'bob', encoding })
    await open(bob.socket)
    const alice = seal(maker, { sender: 'alice', encoding })
    expect(alice.socket.readyState).toBe(0)
    await Promise.all([1, 2, 3].map((value) => alice.channel.send('message', { canary: value })))
    await expect.poll(() => bob.values).toEqual([{ canary: 1 }, { canary: 2 }, { canary: 3 }])
    // This server sends back to the sender.
    await expect.poll(() => alice.channel.dropped.get('reflected')).toBe(3)
    expect(alice.values).toEqual([])
    expect(Buffer.concat(seen).toString('latin1')).not.toContain('canary')
    const start = {
      json: '{"event":"message","data":{"v":2,',
      binary: '\u0001\0\u0007message\u0002',
    }
    expect(seen[0]?.toString('latin1').startsWith(start[encoding])).toBe(true)
  },
)

test('[T41] either encoding is read, whichever is sent', async () => {
  const bob = seal("ws's", { sender: 'bob', encoding: 'binary' })
  const alice = seal("Node's", { sender: 'alice', encoding: 'json' })
  await Promise.all([open(bob.socket), open(alice.socket)])
  alice.socket.binaryType = 'arraybuffer'
  await alice.channel.send('message', 1)
  await bob.channel.send('message', 2)
  await expect.poll(() => [bob.values, alice.values]).toEqual([[1], [2]])
})

test.each(["Node's", "ws's"] as const)(
  '[T40] sending on a closed %s socket fails',
  async (maker) => {
    const { channel, socket } = seal(maker, { sender: 'alice' })
    await open(socket)
    socket.close()
    await expect(channel.send('message', 1)).rejects.toMatchObject({ code: 'ERR_ADAPTER_NOT_OPEN' })
    expect(seen).toEqual([])
  },
)

test.each(["Node's", "ws's"] as const)(
  '[T40] a %s socket that closes before it opened ends the wait',
  async (maker) => {
    url = 'ws://127.0.0.1:1'
    const { channel } = seal(maker, { sender: 'alice' })
    await expect(channel.send('message', 1)).rejects.toMatchObject({ code: 'ERR_ADAPTER_NOT_OPEN' })
  },
)

test('[T5] closing ends the wait, and leaves the socket open', async () => {
  const { channel, socket, values } = seal("Node's", { sender: 'alice' })
  const failure = failureOf(channel.send('message', 1))
  await new Promise((resolve) => setImmediate(resolve))
  await channel.close()
  expect(await failure).toMatchObject({ code: 'ERR_ADAPTER_CLOSED' })
  await open(socket)
  expect(socket.readyState).toBe(1)
  expect(values).toEqual([])
  expect(seen).toEqual([])
})

test('[T6, T42] foreign frames, and frames that are too large, reach no handler', async () => {
  const bob = seal("ws's", { sender: 'bob', maxFrameBytes: 1000 })
  await open(bob.socket)
  const frames = [
    'in clear',
    '{"event":"message","data":{"body":"in clear"}}',
    '{"event":7,"data":{}}',
    'null',
    '[]',
    '['.repeat(900),
    '['.repeat(5000),
    Buffer.alloc(2000),
    Buffer.from([1, 255, 255]),
    Buffer.from([2, 0, 1, 65]),
    Buffer.from([1, 0, 1, 255]),
    Buffer.from([]),
  ]
  for (const frame of frames) for (const client of server.clients) client.send(frame)
  await expect.poll(() => bob.channel.dropped.get('unsealed')).toBe(frames.length)
  expect(bob.values).toEqual([])
})

test.each(['json', 'binary'] as const)(
  '[T42] an authentic frame of %s that is too large is dropped',
  async (encoding) => {
    const bob = seal("ws's", { sender: 'bob', maxFrameBytes: 1000 })
    await open(bob.socket)
    const alice = seal("ws's", { sender: 'alice', encoding })
    await alice.channel.send('message', 'x'.repeat(1000))
    await alice.channel.send('message', 'small')
    await expect.poll(() => bob.values).toEqual(['small'])
    expect(bob.channel.dropped.get('unsealed')).toBe(1)
  },
)

test('[T42] a frame that is too large, or a buffer that is full, is refused before it is sent', async () => {
  const alice = seal("ws's", { sender: 'alice', maxFrameBytes: 1000 })
  await expect(alice.channel.send('message', 'x'.repeat(1000))).rejects.toMatchObject({
    code: 'ERR_ADAPTER_TOO_LARGE',
    details: { maxBytes: 1000 },
  })
  const bob = seal("ws's", { sender: 'bob', maxBufferedBytes: 100 })
  await open(bob.socket)
  await expect(bob.channel.send('message', 'x'.repeat(100))).rejects.toMatchObject({
    code: 'ERR_ADAPTER_QUEUE_FULL',
    details: { limit: 'bytes', max: 100 },
  })
  expect(seen).toEqual([])
})

test('[T15] wrong arguments are named when the channel is made', () => {
  const options = { keys: ringOf(), context: CONTEXT, sender: 'a' }
  expect(() => sealWebSocket({} as never, options)).toThrow('"socket" expected')
  expect(() => seal("ws's", { sender: 'a', encoding: 'xml' as never })).toThrow(
    '"encoding" expected',
  )
  expect(() => sealWebSocket(makers["ws's"](), { ...options, keys: 7 as never })).toThrow(
    '"keys" expected',
  )
})
