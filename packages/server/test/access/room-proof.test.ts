import { encodeBase64Url } from '@conclave/base'
import { deriveRoomIdBytes } from '@conclave/crypto/verify'
import { createTestRoom, MemoryClient, randomParticipant } from '@conclave/server/testing'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { createTestHub, gather, gatherThree } from '../support.ts'

const UNAUTHORIZED = { code: 4401, reason: 'unauthorized' }

test("[H8] a client that signs this connection's challenge with the key of the room is admitted", async () => {
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

test('[H8] a proof recorded on one connection is refused on another', async () => {
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
  expect(hub.stats().channels).toBe(1)
})

test("[H17] a participant's place is not given to another resume secret", async () => {
  const { hub } = createTestHub()
  const { room, alice, bob } = await gatherThree(hub)
  const thief = new MemoryClient(hub, { participant: alice.participant })
  await thief.join(room)
  expect(thief.end).toEqual(UNAUTHORIZED)
  expect(thief.order).toEqual(['challenge'])
  await bob.publish(new Uint8Array([5]))
  expect(alice.delivered).toHaveLength(1)
  expect(alice.end).toBeUndefined()
})

test('[H8] a key of small order, under which anybody can sign, is not granted', async () => {
  const { hub } = createTestHub()
  // The neutral element signs everything: R is the neutral element too, and S is 0. RFC 8032 §5.1.7, §8.9
  const key = new Uint8Array(32).with(0, 1)
  const proof = new Uint8Array(64).with(0, 1)
  const room = bytesToRoomId(await deriveRoomIdBytes(key)) as RoomId
  const client = new MemoryClient(hub)
  await client.join(await createTestRoom(), {
    room,
    key: encodeBase64Url(key),
    proof: encodeBase64Url(proof),
  })
  expect(client.end).toEqual(UNAUTHORIZED)
})
