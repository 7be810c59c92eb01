import { createTestRoom, MemoryClient, randomParticipant } from '@conclave/server/testing'
import { encodeBase64Url } from '@conclave/base'
import { bytesToRoomId, encodeMessage } from '@conclave/wire'
import type { JoinMessage, RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { createTestHub, gather, gatherThree } from '../support.ts'

const UNAUTHORIZED = { code: 4401, reason: 'unauthorized' }
const BAD_HANDSHAKE = { code: 4400, reason: 'bad-handshake' }

test('[H7] the first message is a challenge, another one for every connection', () => {
  const { hub } = createTestHub()
  const clients = [new MemoryClient(hub), new MemoryClient(hub)]
  expect(clients.map(({ order }) => order)).toEqual([['challenge'], ['challenge']])
  expect(clients[0]?.nonce).toHaveLength(32)
  expect(clients[0]?.nonce).not.toEqual(clients[1]?.nonce)
})

test("[H8] who signs this connection's challenge with the key of the room is let in", async () => {
  const { hub } = createTestHub()
  const room = await createTestRoom()
  const client = new MemoryClient(hub)
  expect(await client.join(room)).toMatchObject({ type: 'joined', room: room.id, participants: [] })
  expect(client.end).toBeUndefined()
})

test('[H8] a proof by another key, for another nonce, host, room or participant is not granted', async () => {
  const { hub } = createTestHub()
  const room = await createTestRoom()
  const other = await createTestRoom()
  const spoil = async (changes: Parameters<MemoryClient['join']>[1]): Promise<unknown> => {
    const client = new MemoryClient(hub)
    await client.join(room, changes)
    expect(client.order).toEqual(['challenge'])
    return client.end
  }
  const context = {
    nonce: new Uint8Array(32),
    host: 'meet.example',
    participant: randomParticipant(),
    resume: '',
  }
  const foreign = await other.join(context)
  const flipped = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
  expect(await spoil({ key: foreign.key })).toEqual(UNAUTHORIZED)
  expect(await spoil({ key: foreign.key, proof: foreign.proof })).toEqual(UNAUTHORIZED)
  expect(await spoil({ room: other.id })).toEqual(UNAUTHORIZED)
  expect(await spoil({ room: other.id, key: foreign.key })).toEqual(UNAUTHORIZED)
  expect(await spoil({ participant: randomParticipant() })).toEqual(UNAUTHORIZED)
  expect(await spoil({ host: 'evil.example' })).toEqual(UNAUTHORIZED)
  expect(await spoil({ nonce: new Uint8Array(32) })).toEqual(UNAUTHORIZED)
  expect(await spoil({ nonce: new MemoryClient(hub).nonce })).toEqual(UNAUTHORIZED)
  expect(await spoil({ proof: encodeBase64Url(new Uint8Array(64)) })).toEqual(UNAUTHORIZED)
  expect(await spoil({ proof: flipped(foreign.proof) })).toEqual(UNAUTHORIZED)
  expect(await spoil({ key: encodeBase64Url(new Uint8Array(32).fill(255)) })).toEqual(UNAUTHORIZED)
})

test("[H8] a proof for another of the hub's names is granted, one for a foreign name is not", async () => {
  const { hub } = createTestHub({ hosts: ['meet.example', 'hub.example:8443'] })
  const room = await createTestRoom()
  const join = async (host: string): Promise<MemoryClient> => {
    const client = new MemoryClient(hub)
    const { nonce, participant, resume } = client
    await client.say(await room.join({ nonce, host, participant, resume }))
    return client
  }
  expect((await join('hub.example:8443')).order).toContain('joined')
  expect((await join('evil.example')).end).toEqual(UNAUTHORIZED)
  expect((await join('hub.example')).end).toEqual(UNAUTHORIZED)
})

test('[H8] a proof recorded on one connection is worth nothing on another', async () => {
  const { hub } = createTestHub()
  const room = await createTestRoom()
  const [victim, thief] = [new MemoryClient(hub), new MemoryClient(hub)]
  const { nonce, participant, resume } = victim
  const recorded = await room.join({ nonce, host: 'meet.example', participant, resume })
  await thief.say(recorded)
  expect(thief.end).toEqual(UNAUTHORIZED)
  await victim.say(recorded)
  expect(victim.end).toBeUndefined()
})

test('[H9] the answer is the same whether the room exists or not, and nothing else is sent', async () => {
  const { hub } = createTestHub()
  const { room, clients } = await gather(hub, 2)
  const unknown = bytesToRoomId(new Uint8Array(16).fill(1)) as RoomId
  const answers: unknown[] = []
  for (const id of [room.id, unknown]) {
    const stranger = new MemoryClient(hub)
    await stranger.join(await createTestRoom(), { room: id })
    answers.push({ end: stranger.end, order: stranger.order, delivered: stranger.delivered })
  }
  expect(answers[0]).toEqual(answers[1])
  expect(answers[0]).toEqual({ end: UNAUTHORIZED, order: ['challenge'], delivered: [] })
  expect(clients[0]?.heard('participantJoined')).toHaveLength(1)
  expect(hub.stats().rooms).toBe(1)
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
  const { nonce, participant, resume } = late
  const joining = late.say(await room.join({ nonce, host: 'meet.example', participant, resume }))
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
  expect(silent.end).toEqual(BAD_HANDSHAKE)
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
  expect(pinging.end).toEqual(BAD_HANDSHAKE)
  expect(leaving.end).toBeUndefined()
  await leaving.join(room)
  clock.advance(20_000)
  expect(leaving.end).toBeUndefined()
  await leaving.say({ type: 'leave', room: room.id })
  clock.advance(5000)
  expect(leaving.end).toEqual(BAD_HANDSHAKE)
})

test('[H12] a full room, a full hub and a full connection end with 4403', async () => {
  const full = { code: 4403, reason: 'full' }
  const { hub } = createTestHub({ limits: { maxParticipants: 2, rooms: 2, roomsPerConnection: 1 } })
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
  const { room, ada } = await gatherThree(hub)
  const { nonce, participant, resume } = ada
  const join: JoinMessage = await room.join({ nonce, host: 'meet.example', participant, resume })
  await ada.say(join)
  await ada.say({ type: 'leave', room: (await createTestRoom()).id })
  expect(ada.heard('refused').map(({ reason }) => reason)).toEqual(['malformed', 'malformed'])
  expect(ada.heard('joined')).toHaveLength(1)
  expect(ada.end).toBeUndefined()
})

test("[H17] a participant's place is not given to another resume secret", async () => {
  const { hub } = createTestHub()
  const { room, ada, bob } = await gatherThree(hub)
  const thief = new MemoryClient(hub, { participant: ada.participant })
  await thief.join(room)
  expect(thief.end).toEqual(UNAUTHORIZED)
  expect(thief.order).toEqual(['challenge'])
  await bob.publish(new Uint8Array([5]))
  expect(ada.delivered).toHaveLength(1)
  expect(ada.end).toBeUndefined()
})
