import { encodeBase64Url } from '@conclave/base'
import type { HookAnswer, HookRequest, Hub } from '@conclave/server'
import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import type { TestRoom } from '@conclave/server/testing'
import { beforeAll, expect, test } from 'vitest'
import { createTestHub } from '../support.ts'
import { createApp, createClaims, createKey, signToken } from './tokens.ts'
import type { TestKey } from './tokens.ts'
import type { App } from '../../src/access/app.ts'

const UNAUTHORIZED = { code: 4401, reason: 'unauthorized' }

let app: App
let key: TestKey
let room: TestRoom

beforeAll(async () => {
  const shop = await createApp()
  app = shop.app
  key = shop.keys[0] ?? (await createKey('HS256'))
  room = await createTestRoom()
})

const close = (options: Parameters<typeof createTestHub>[0] = {}): Hub =>
  createTestHub({ closed: true, apps: [app], ...options }).hub

/** A capability of alice for a connection. */
const tokenFor = async (
  client: MemoryClient,
  name: string,
  rights = ['subscribe'],
): Promise<string> =>
  signToken(key, createClaims({ cnx: encodeBase64Url(client.nonce), ch: [{ name, rights }] }))

/** A client that joins with a capability. */
const enter = async (hub: Hub, name = `room:${room.id}`): Promise<MemoryClient> => {
  const client = new MemoryClient(hub)
  await client.join(room, { token: await tokenFor(client, name) })
  return client
}

test('[G51] a closed hub lets those into a room whom an application lets in', async () => {
  const hub = close()
  for (const name of [`room:${room.id}`, 'room:*']) {
    const client = await enter(hub, name)
    expect(client.order).toEqual(['challenge', 'joined'])
  }
})

test('[G51] a join without a grant ends as one with a wrong proof does', async () => {
  const hub = close()
  const other = await createTestRoom()
  const ends = async (
    make: (client: MemoryClient) => Promise<Parameters<MemoryClient['join']>[1]>,
  ): Promise<unknown> => {
    const client = new MemoryClient(hub)
    await client.join(room, await make(client))
    expect(client.order).toEqual(['challenge'])
    return client.end
  }
  expect(await ends(async () => ({}))).toEqual(UNAUTHORIZED)
  expect(await ends(async () => ({ token: 'mine' }))).toEqual(UNAUTHORIZED)
  expect(await ends(async () => ({ token: 'a.b.c' }))).toEqual(UNAUTHORIZED)
  const token = (name: string, rights?: string[]) => async (client: MemoryClient) => ({
    token: await tokenFor(client, name, rights),
  })
  expect(await ends(token(`room:${other.id}`))).toEqual(UNAUTHORIZED)
  expect(await ends(token('private-*'))).toEqual(UNAUTHORIZED)
  expect(await ends(token('room:*', ['publish']))).toEqual(UNAUTHORIZED)
  const proof = encodeBase64Url(new Uint8Array(64))
  expect(
    await ends(async (client) => ({ proof, token: await tokenFor(client, 'room:*') })),
  ).toEqual(UNAUTHORIZED)
})

test('[G51] a ticket opens a room once', async () => {
  const { hub, clock } = createTestHub({ closed: true })
  const token = await hub.tickets.mint({
    ...{ app: '', channel: room.id, rights: ['subscribe'], user: 'alice', device: 'phone' },
    untilMs: clock.now() + 60_000,
  })
  const [alice, mallory] = [new MemoryClient(hub), new MemoryClient(hub)]
  expect(await alice.join(room, { token: token ?? '' })).toMatchObject({ type: 'joined' })
  expect(await mallory.join(room, { token: token ?? '' })).toBeUndefined()
  expect(mallory.end).toEqual(UNAUTHORIZED)
})

test('[G51] a hook decides about rooms too', async () => {
  const seen: unknown[] = []
  const authorize = ({ kind, channel, wants }: HookRequest): HookAnswer => {
    seen.push([kind, channel, wants])
    return { user: 'alice', rights: ['subscribe'], expiresInMs: 1000 }
  }
  const client = new MemoryClient(close({ authorize }))
  expect(await client.join(room)).toMatchObject({ type: 'joined' })
  expect(seen).toEqual([['room', room.id, ['subscribe']]])
})

test('[G51] when nothing was decided, the client comes again', async () => {
  const authorize = (): Promise<never> => Promise.reject(new Error('away'))
  const hub = close({ authorize })
  const [client, forger] = [new MemoryClient(hub), new MemoryClient(hub)]
  await client.join(room)
  expect(client.end).toEqual({ code: 4503, reason: 'draining' })
  await forger.join(room, { proof: encodeBase64Url(new Uint8Array(64)) })
  expect(forger.end).toEqual(UNAUTHORIZED)
})

test('[G51] a revocation ends a connection that is in the room by the grant, and no other', async () => {
  const hub = close()
  const [alice, left] = [await enter(hub), await enter(hub)]
  await left.say({ type: 'leave', room: room.id })
  hub.channels.revoke({ type: 'kick', app: 'shop', user: 'bob' })
  hub.channels.revoke({ type: 'kick', app: 'other', user: 'alice' })
  expect([alice.end, left.end]).toEqual([undefined, undefined])
  hub.channels.revoke({ type: 'ban', app: 'shop', user: 'alice', untilMs: 2_000_000 })
  expect([alice.end, left.end]).toEqual([UNAUTHORIZED, undefined])
  const again = await enter(hub)
  expect(again.end).toEqual(UNAUTHORIZED)
})

test('[G51] a hub that is not closed asks nobody about rooms', async () => {
  let asked = 0
  const authorize = (): false => {
    asked += 1
    return false
  }
  const { hub } = createTestHub({ apps: [app], authorize })
  for (const token of ['mine', 'a.b.c']) {
    const client = new MemoryClient(hub)
    expect(await client.join(room, { token })).toMatchObject({ type: 'joined' })
  }
  expect(asked).toBe(0)
})
