import { createTestRoom, createTestSession, MemoryClient } from '@conclave/server/testing'
import { encodeMessage } from '@conclave/wire'
import type { JoinMessage } from '@conclave/wire'
import { expect, test } from 'vitest'
import { createTestHub, gather, gatherThree } from '../support.ts'

const UNAUTHORIZED = { code: 4401, reason: 'unauthorized' }
const BAD_HANDSHAKE = { code: 4400, reason: 'bad-handshake' }
const LATE = { code: 4410, reason: 'late' }

test('[H7] the first message is a challenge, another one for every connection', () => {
  const { hub } = createTestHub()
  const clients = [new MemoryClient(hub), new MemoryClient(hub)]
  expect(clients.map(({ order }) => order)).toEqual([['challenge'], ['challenge']])
  expect(clients[0]?.nonce).toHaveLength(32)
  expect(clients[0]?.nonce).not.toEqual(clients[1]?.nonce)
})

test('[H10] nothing but join and ping is accepted before the grant', async () => {
  const { hub } = createTestHub()
  const room = await createTestRoom()
  const say = async (data: string | Uint8Array): Promise<MemoryClient> => {
    const client = new MemoryClient(hub)
    await client.connection.receive(data)
    return client
  }
  const pinged = await say(encodeMessage({ type: 'ping', id: 7 }))
  expect(pinged.heard('pong')).toEqual([{ type: 'pong', id: 7 }])
  expect(pinged.end).toBeUndefined()
  const wrong = [
    encodeMessage({ type: 'leave', room: room.id }),
    'x',
    '',
    '{}',
    new Uint8Array(0),
    new Uint8Array(60),
  ]
  for (const data of wrong) {
    const client = await say(data)
    expect(client.end).toEqual(BAD_HANDSHAKE)
    expect(client.order).toEqual(['challenge'])
  }
})

test('[H10] nothing is delivered while a proof is being checked', async () => {
  const { hub } = createTestHub()
  const { room, clients } = await gather(hub, 1)
  const late = new MemoryClient(hub)
  const { nonce } = late
  const session = await createTestSession()
  const joining = late.say(await room.join({ nonce, host: 'meet.example', session }))
  await clients[0]?.publish(new Uint8Array([1]))
  expect(late.order).toEqual(['challenge'])
  await joining
  expect(late.order).toEqual(['challenge', 'joined'])
  await clients[0]?.publish(new Uint8Array([2]))
  expect(late.delivered.map(({ payload }) => [...payload])).toEqual([[2]])
})

test('[H11] a connection that does not join in time ends', async () => {
  const { hub, clock } = createTestHub()
  const [silent, prompt] = [new MemoryClient(hub), new MemoryClient(hub)]
  await prompt.join(await createTestRoom())
  clock.advance(4999)
  expect(silent.end).toBeUndefined()
  clock.advance(1)
  expect(silent.end).toEqual(LATE)
  expect(prompt.end).toBeUndefined()
})

test('[H11] pings do not extend the time, and leaving the last room starts it again', async () => {
  const { hub, clock } = createTestHub()
  const pinging = new MemoryClient(hub)
  const room = await createTestRoom()
  const leaving = new MemoryClient(hub)
  await leaving.join(room)
  clock.advance(3000)
  await pinging.say({ type: 'ping', id: 1 })
  await leaving.say({ type: 'leave', room: room.id })
  clock.advance(2000)
  expect(pinging.end).toEqual(LATE)
  expect(leaving.end).toBeUndefined()
  await leaving.join(room)
  clock.advance(20_000)
  expect(leaving.end).toBeUndefined()
  await leaving.say({ type: 'leave', room: room.id })
  clock.advance(5000)
  expect(leaving.end).toEqual(LATE)
})

test('[H12] a full room, a full hub and a full connection end with 4403', async () => {
  const full = { code: 4403, reason: 'full' }
  const { hub } = createTestHub({
    limits: { maxParticipants: 2, channels: 2, channelsPerConnection: 1 },
  })
  const { room } = await gather(hub, 2)
  const third = new MemoryClient(hub)
  await third.join(room)
  expect(third.end).toEqual(full)
  const second = new MemoryClient(hub)
  await second.join(await createTestRoom())
  await second.join(await createTestRoom())
  expect(second.end).toEqual(full)
  await gather(hub, 1)
  const outside = new MemoryClient(hub)
  await outside.join(await createTestRoom())
  expect(outside.end).toEqual(full)
  const stranger = new MemoryClient(hub)
  await stranger.join(await createTestRoom(), { room: room.id })
  expect(stranger.end).toEqual(UNAUTHORIZED)
})

test('[H13] joining twice and leaving what was not joined are malformed', async () => {
  const { hub } = createTestHub()
  const { room, alice } = await gatherThree(hub)
  const { nonce, session } = alice
  const join: JoinMessage = await room.join({ nonce, host: 'meet.example', session })
  await alice.say(join)
  await alice.say({ type: 'leave', room: (await createTestRoom()).id })
  expect(alice.heard('refused').map(({ reason }) => reason)).toEqual(['malformed', 'malformed'])
  expect(alice.heard('joined')).toHaveLength(1)
  expect(alice.end).toBeUndefined()
})

test('[H27] messages after the end of a connection change nothing', async () => {
  const { hub } = createTestHub()
  const { alice, bob } = await gatherThree(hub)
  alice.bufferedBytes = 9_000_000
  await bob.publish(new Uint8Array(1))
  expect(alice.end?.code).toBe(4408)
  const { length } = bob.order
  await alice.connection.receive(encodeMessage({ type: 'ping', id: 1 }))
  alice.connection.controlled()
  expect(alice.heard('pong')).toEqual([])
  expect(bob.order).toHaveLength(length)
})
