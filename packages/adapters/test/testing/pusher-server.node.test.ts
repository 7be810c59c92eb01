/** The local server does what the protocol says, also to those who do not. */
import { createHmac } from 'node:crypto'
import { startPusherServer } from '@conclave/adapters/testing'
import PusherBackend from 'pusher'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { startWorld, subscribed } from '../pusher/pusher-fixtures.ts'
import type { PusherWorld } from '../pusher/pusher-fixtures.ts'

let world: PusherWorld
let now: number
beforeEach(async () => {
  now = Date.now()
  world = await startWorld({ now: () => now })
})
afterEach(() => world.close())

/** A client that says what it likes. */
async function connect(query = '?protocol=7&client=test&version=1', key = world.server.key) {
  const { host, port } = world.server
  const socket = new WebSocket(`ws://${host}:${port}/app/${key}${query}`)
  const heard: { event: string; data: unknown; channel?: string; user_id?: string }[] = []
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)))
  const first = new Promise<void>((resolve) => socket.once('message', () => resolve()))
  socket.on('message', (data) => heard.push(JSON.parse(String(data))))
  await Promise.race([first, closed])
  const data = heard[0] === undefined ? {} : JSON.parse(String(heard.shift()?.data))
  const { socket_id: socketId = '' }: { socket_id?: string } = data
  const say = (message: unknown): void =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  const join = (channel: string, channelData?: object): void => {
    const extra = channelData === undefined ? '' : `:${JSON.stringify(channelData)}`
    const signature = createHmac('sha256', world.server.secret).update(
      `${socketId}:${channel}${extra}`,
    )
    const auth = `${world.server.key}:${signature.digest('hex')}`
    const more = channelData === undefined ? {} : { channel_data: JSON.stringify(channelData) }
    say({ event: 'pusher:subscribe', data: { channel, auth, ...more } })
  }
  return { socket, socketId, heard, closed, say, join }
}

test.each([
  ['another key', '?protocol=7', 'no-such-key', 4001],
  ['another version', '?protocol=9', undefined, 4007],
  ['no version', '', undefined, 4008],
  ['another path', '/more?protocol=7', undefined, 4005],
])('[T71] a connection with %s is closed', async (_what, query, key, code) => {
  const { closed } = await connect(query, key)
  expect(await closed).toBe(code)
})

test('[T71] a connection has an id of two numbers, and a ping has an answer', async () => {
  const { socketId, heard, say } = await connect()
  expect(socketId).toMatch(/^\d+\.\d+$/)
  say({ event: 'pusher:ping', data: {} })
  await expect.poll(() => heard).toEqual([{ event: 'pusher:pong', data: '{}' }])
})

test.each(['private-room', 'presence-room'])(
  '[T71] %s accepts no connection without a signature',
  async (channel) => {
    const other = await connect()
    const { socketId, heard, say } = await connect()
    const sign = (text: string): string =>
      `${world.server.key}:${createHmac('sha256', world.server.secret).update(text).digest('hex')}`
    const channelData = '{"user_id":"a"}'
    const wrong = [
      undefined,
      7,
      '',
      sign(`${other.socketId}:${channel}:${channelData}`),
      sign(`${socketId}:private-other`),
      sign(`${socketId}:${channel}`).slice(0, -1),
      world.server.key,
    ]
    for (const auth of wrong) {
      say({ event: 'pusher:subscribe', data: { channel, auth, channel_data: channelData } })
    }
    await expect.poll(() => heard).toHaveLength(wrong.length)
    expect(new Set(heard.map(({ event }) => event))).toEqual(new Set(['pusher:error']))
    expect(heard[0]?.data).toMatchObject({ code: 4009 })
  },
)

test('[T71] a presence channel announces its members, and those who join and leave', async () => {
  const [alice, bob] = [await connect(), await connect()]
  alice.join('presence-room', { user_id: 'alice', user_info: { name: 'Alice' } })
  await expect.poll(() => alice.heard).toHaveLength(1)
  bob.join('presence-room', { user_id: 'bob' })
  await expect.poll(() => alice.heard).toHaveLength(2)
  expect(JSON.parse(String(bob.heard[0]?.data))).toEqual({
    presence: { count: 2, ids: ['alice', 'bob'], hash: { alice: { name: 'Alice' }, bob: {} } },
  })
  expect(alice.heard[1]).toMatchObject({ event: 'pusher_internal:member_added' })
  alice.say({ event: 'client-wave', channel: 'presence-room', data: {} })
  await expect
    .poll(() => bob.heard.at(-1))
    .toMatchObject({ event: 'client-wave', user_id: 'alice' })
  bob.socket.close()
  await expect
    .poll(() => alice.heard.at(-1))
    .toMatchObject({ event: 'pusher_internal:member_removed' })
})

test('[T71] client events come only from connections on the channel, go to the others, and are bounded', async () => {
  const [alice, bob, eve] = [await connect(), await connect(), await connect()]
  for (const member of [alice, bob]) member.join('private-room')
  eve.say({ event: 'pusher:subscribe', data: { channel: 'public' } })
  await expect.poll(() => [alice, bob, eve].every(({ heard }) => heard.length === 1)).toBe(true)
  for (const message of [
    { event: 'client-x', channel: 'private-room', data: {} },
    { event: 'client-x', channel: 'public', data: {} },
    { event: 'x', channel: 'public', data: {} },
    'no JSON',
    'null',
    { event: 'pusher:subscribe', data: { channel: 'bad name' } },
    { event: 'pusher:subscribe', data: { channel: 'public' } },
  ])
    eve.say(message)
  await expect.poll(() => eve.heard).toHaveLength(8)
  expect(new Set(eve.heard.slice(1).map(({ event }) => event))).toEqual(new Set(['pusher:error']))
  alice.say({ event: `client-${'x'.repeat(200)}`, channel: 'private-room', data: {} })
  alice.say({ event: 'client-x', channel: 'private-room', data: 'x'.repeat(11_000) })
  for (let count = 0; count < 11; count += 1) {
    alice.say({ event: 'client-x', channel: 'private-room', data: { count } })
  }
  await expect.poll(() => alice.heard).toHaveLength(4)
  expect(alice.heard.at(-1)?.data).toMatchObject({ code: 4301 })
  expect(bob.heard.slice(1).map(({ data }) => data)).toEqual(
    Array.from({ length: 10 }, (_, count) => ({ count })),
  )
  now += 1000
  alice.say({ event: 'client-x', channel: 'private-room', data: { count: 11 } })
  await expect.poll(() => bob.heard).toHaveLength(12)
  bob.say({ event: 'pusher:unsubscribe', data: { channel: 'private-room' } })
  bob.say({ event: 'client-x', channel: 'private-room', data: {} })
  await expect.poll(() => bob.heard.at(-1)?.event).toBe('pusher:error')
})

test('[T71] the HTTP API accepts requests that are signed, recent and unchanged', async () => {
  const { appId, key, secret, host, port } = world.server
  const channel = world.client('alice').subscribe('public')
  await subscribed(channel)
  const heard: unknown[] = []
  channel.bind('x', (data: unknown) => heard.push(data))
  await world.backend.trigger(['public', 'other'], 'x', { n: 1 })
  await world.backend.triggerBatch([{ channel: 'public', name: 'x', data: { n: 2 } }])
  await expect.poll(() => heard).toEqual([{ n: 1 }, { n: 2 }])
  expect(await (await world.backend.get({ path: '/channels' })).json()).toEqual({
    channels: { public: {} },
  })
  const options = { appId, host, port: String(port), useTLS: false }
  const forger = new PusherBackend({ ...options, key, secret: `${secret}x` })
  const stranger = new PusherBackend({ ...options, key: `${key}x`, secret })
  await expect(forger.trigger('public', 'x', {})).rejects.toMatchObject({ status: 401 })
  await expect(stranger.trigger('public', 'x', {})).rejects.toMatchObject({ status: 401 })
  now += 700_000
  await expect(world.backend.trigger('public', 'x', {})).rejects.toMatchObject({ status: 401 })
  now -= 700_000
  const body = JSON.stringify({ name: 'x', channel: 'public', data: '{}' })
  const path = `/apps/${appId}/events`
  const query = world.backend.createSignedQueryString({ method: 'POST', path, body })
  const changed = await fetch(`http://${host}:${port}${path}?${query}`, {
    method: 'POST',
    body: `${body} `,
  })
  expect(changed.status).toBe(401)
  expect(heard).toHaveLength(2)
})

test('[T71] the HTTP API leaves out the named socket, and refuses events that are too large', async () => {
  const [alice, bob] = [world.client('alice'), world.client('bob')]
  const [adas, bobs] = [alice.subscribe('public'), bob.subscribe('public')]
  const heard: string[] = []
  adas.bind('x', () => heard.push('alice'))
  bobs.bind('x', () => heard.push('bob'))
  await Promise.all([subscribed(adas), subscribed(bobs)])
  await world.backend.trigger('public', 'x', {}, { socket_id: alice.connection.socket_id })
  await expect.poll(() => heard).toEqual(['bob'])
  const status = (code: number) => ({ status: code })
  const trigger = world.backend.trigger.bind(world.backend)
  await expect(trigger('public', 'x', 'x'.repeat(10_241))).rejects.toMatchObject(status(413))
  await expect(trigger('public', 'y'.repeat(200), '')).resolves.toMatchObject(status(200))
  await expect(world.backend.post({ path: '/events', body: 'text' })).rejects.toMatchObject(
    status(400),
  )
  await expect(world.backend.post({ path: '/nothing', body: 'text' })).rejects.toMatchObject(
    status(400),
  )
})

test('[T71] the server records what it receives, and answers other requests', async () => {
  const { host, port, seen } = world.server
  const answer = await fetch(`http://${host}:${port}/anything`, { method: 'POST', body: 'told' })
  expect(answer.status).toBe(404)
  expect(seen.at(-1)).toMatch(/^POST \/anything .*told$/)
  const refusing = await startPusherServer({
    sockets: new WebSocketServer({ noServer: true }),
    authorize: () => {
      throw new Error('nobody')
    },
  })
  const forbidden = await fetch(`http://${refusing.host}:${refusing.port}/pusher/auth`, {
    method: 'POST',
  })
  expect(forbidden.status).toBe(403)
  await refusing.close()
})
