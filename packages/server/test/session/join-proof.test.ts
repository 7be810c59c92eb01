import { encodeBase64Url } from '@conclave/base'
import { deriveRoomIdBytes } from '@conclave/crypto/verify'
import {
  createTestRoom,
  createTestSession,
  MemoryClient,
  randomParticipant,
} from '@conclave/server/testing'
import { bytesToRoomId, encodeAccessProof } from '@conclave/wire'
import type { JoinMessage, RoomId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { createTestHub, gather, gatherThree } from '../support.ts'

const UNAUTHORIZED = { code: 4401, reason: 'unauthorized' }

test("[H8] a client that signs this connection's challenge with the key of the room is admitted", async () => {
  const { hub } = createTestHub()
  const room = await createTestRoom()
  const client = new MemoryClient(hub)
  expect(await client.join(room)).toMatchObject({ type: 'joined', room: room.id, participants: [] })
  expect(client.end).toBeUndefined()
})

test('[H8] a join names the owner to whom the room is bound', async () => {
  const { hub } = createTestHub()
  const room = await createTestRoom({ owner: new Uint8Array(16).fill(7) })
  expect(await new MemoryClient(hub).join(room)).toMatchObject({ type: 'joined', room: room.id })
  const stolen = new MemoryClient(hub)
  await stolen.join(room, { owner: encodeBase64Url(new Uint8Array(16)) })
  expect(stolen.end).toEqual(UNAUTHORIZED)
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
    session: await createTestSession(),
  }
  const foreign = await other.join(context)
  const flipped = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
  expect(await spoil({ key: foreign.key })).toEqual(UNAUTHORIZED)
  expect(await spoil({ key: foreign.key, proof: foreign.proof })).toEqual(UNAUTHORIZED)
  expect(await spoil({ room: other.id })).toEqual(UNAUTHORIZED)
  expect(await spoil({ room: other.id, key: foreign.key })).toEqual(UNAUTHORIZED)
  expect(await spoil({ owner: encodeBase64Url(new Uint8Array(16).fill(1)) })).toEqual(UNAUTHORIZED)
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
    const { nonce } = client
    await client.say(await room.join({ nonce, host, session: await createTestSession() }))
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
  const { nonce } = victim
  const session = await createTestSession()
  const recorded = await room.join({ nonce, host: 'meet.example', session })
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

describe("[H17] T3: a participant's place is given to its own session only", () => {
  const host = 'meet.example'

  test.each(['while she is there', 'after her connection was lost'])('%s', async (when) => {
    const { hub } = createTestHub()
    const { room, alice, bob } = await gatherThree(hub)
    const { participant } = alice
    const recorded = await room.join({ nonce: alice.nonce, host, session: alice.session })
    if (when !== 'while she is there') alice.close(1006)
    // The thief has the link, and so the room's access key, and saw how she joined.
    const own = await createTestSession()
    const attempts: ((nonce: Uint8Array) => Promise<JoinMessage>)[] = [
      // His key and his signatures, under her name.
      (nonce) => room.join({ nonce, host, session: { ...own, participant } }),
      // Her key and his signatures.
      (nonce) => room.join({ nonce, host, session: { ...alice.session, sign: own.sign } }),
      // Her key and her signature for another connection.
      async (nonce) => {
        const { sessionProof } = recorded
        return { ...(await room.join({ nonce, host, session: alice.session })), sessionProof }
      },
      // Her signature of the one statement in place of the other.
      async (nonce) => {
        const join = await room.join({ nonce, host, session: alice.session })
        const context = { host, nonce, room: room.id, participant }
        return { ...join, sessionProof: await alice.session.sign(encodeAccessProof(context)) }
      },
    ]
    for (const attempt of attempts) {
      const thief = new MemoryClient(hub)
      await thief.say(await attempt(thief.nonce))
      expect([thief.end, thief.order]).toEqual([UNAUTHORIZED, ['challenge']])
    }
    const again = new MemoryClient(hub, { session: alice.session })
    expect(await again.join(room)).toMatchObject({ type: 'joined' })
    expect(bob.heard('participantLeft').length).toBe(when === 'while she is there' ? 0 : 1)
  })
})

test('[H8] a key of small order, under which anybody can sign, is not granted', async () => {
  const { hub } = createTestHub()
  // The neutral element signs everything: R is the neutral element too, and S is 0. RFC 8032 §5.1.7, §8.9
  const key = new Uint8Array(32).with(0, 1)
  const proof = new Uint8Array(64).with(0, 1)
  const room = bytesToRoomId(await deriveRoomIdBytes(key, new Uint8Array(16))) as RoomId
  const client = new MemoryClient(hub)
  await client.join(await createTestRoom(), {
    room,
    key: encodeBase64Url(key),
    proof: encodeBase64Url(proof),
  })
  expect(client.end).toEqual(UNAUTHORIZED)
})
