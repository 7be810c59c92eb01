import { encodeBase64Url } from '@conclave/base'
import { createHub, createMemoryEngine } from '@conclave/server'
import { createTestRoom, MemoryClient, randomParticipant } from '@conclave/server/testing'
import { parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/authority.json' with { type: 'json' }
import { verifyRemoval } from '../../src/session/removal-proof.ts'
import { createOwnedRoom, type OwnedRoom } from '../owned-room.ts'
import { createTestHub, ORIGIN } from '../support.ts'

const REMOVED = { code: 4407, reason: 'removed' }

describe('[H37, U4, U9] of the vectors of the chapter authority', () => {
  const owner = fromHex(vectors.owner.fingerprint)
  const removes = (
    statements: readonly string[],
    { session, room = vectors.room }: { readonly session: string; readonly room?: string },
  ): Promise<boolean> =>
    verifyRemoval({
      ...{ owner, room: parseRoomId(room) as RoomId },
      participant: parseParticipantId(session) as ParticipantId,
      statements: statements.map(fromHex),
    })
  const other = randomParticipant()

  test('a policy removes whom it names, and nobody else', async () => {
    let count = 0
    for (const { statement, removed, room } of vectors.policies) {
      for (const session of removed as string[]) {
        count += 1
        expect(await removes([statement], { session, room })).toBe(true)
      }
      expect(await removes([statement], { session: other, room })).toBe(false)
    }
    expect(count).toBeGreaterThan(0)
  })

  test('an act of the owner removes, one of a host with the policy that appoints it, and no other', async () => {
    const results = []
    for (const { act, statement, session, isOwner, room } of vectors.acts) {
      const alone = await removes([statement], { session, room })
      expect(alone).toBe(act === 'remove' && isOwner)
      expect(await removes([statement], { session: other, room })).toBe(false)
      const beside = vectors.policies.map(({ statement: policy }) =>
        removes([policy, statement], { session, room }),
      )
      results.push((await Promise.all(beside)).some(Boolean))
    }
    expect(results).toContain(true)
    expect(results).toContain(false)
  })

  test('no refused statement removes anybody', async () => {
    const sessions = [
      ...vectors.policies.flatMap(({ removed }) => removed as string[]),
      ...vectors.acts.map(({ session }) => session),
    ]
    for (const { statement } of [...vectors.refusedPolicies, ...vectors.refusedActs]) {
      for (const session of new Set(sessions)) {
        expect(await removes([statement], { session })).toBe(false)
      }
    }
  })
})

async function gather(): Promise<{
  owned: OwnedRoom
  alice: MemoryClient
  bob: MemoryClient
  carol: MemoryClient
}> {
  const { hub } = createTestHub()
  const owned = await createOwnedRoom()
  const [alice, bob, carol] = [new MemoryClient(hub), new MemoryClient(hub), new MemoryClient(hub)]
  for (const client of [alice, bob, carol]) await client.join(owned.room)
  return { owned, alice, bob, carol }
}

test('[H37] any member shows the statement, the removed one is told why, and the others that it left', async () => {
  const { owned, alice, bob, carol } = await gather()
  const { participant } = carol.session
  await bob.say(await owned.removal(participant))
  expect(carol.end).toEqual(REMOVED)
  for (const client of [alice, bob]) {
    expect(client.heard('participantLeft')).toMatchObject([{ participant, reason: 'left' }])
    expect([client.end, client.heard('refused')]).toEqual([undefined, []])
  }
  // Others say it too: that makes no difference.
  await alice.say(await owned.removal(participant))
  expect(alice.heard('refused')).toEqual([])
})

test('[H37] statements of another owner, of another room and about somebody else end no connection', async () => {
  const { owned, alice, carol } = await gather()
  const { participant } = carol.session
  const own = await owned.removal(participant)
  const stranger = await createOwnedRoom()
  const policy = await owned.policy(participant)
  const flipped = policy.with(-1, (policy.at(-1) ?? 0) ^ 1)
  const attempts = [
    { ...own, statements: (await stranger.removal(participant)).statements },
    { ...own, statements: [encodeBase64Url(await owned.policy(randomParticipant()))] },
    { ...own, statements: [encodeBase64Url(flipped)] },
    { ...own, statements: ['AQ', 'AQID'] },
  ]
  for (const attempt of attempts) await alice.say(attempt)
  expect(alice.heard('refused').map(({ reason }) => reason)).toEqual(Array(4).fill('malformed'))
  await alice.say({ ...own, room: (await createTestRoom()).id })
  expect(alice.heard('refused').at(-1)?.reason).toBe('unknown-channel')
  expect(carol.end).toBeUndefined()
})

test('[H37] a room without an owner removes nobody', async () => {
  const { hub } = createTestHub()
  const room = await createTestRoom()
  const [alice, carol] = [new MemoryClient(hub), new MemoryClient(hub)]
  for (const client of [alice, carol]) await client.join(room)
  const { participant } = carol.session
  const { statements } = await (await createOwnedRoom()).removal(participant)
  await alice.say({ type: 'remove', room: room.id, participant, statements })
  expect(carol.end).toBeUndefined()
})

test('[H37] 32 removals at once are verified, and then 4 a second', async () => {
  const { hub, clock } = createTestHub()
  const owned = await createOwnedRoom()
  const [alice, carol] = [new MemoryClient(hub), new MemoryClient(hub)]
  for (const client of [alice, carol]) await client.join(owned.room)
  const own = await owned.removal(carol.session.participant)
  const junk = { ...own, statements: ['AQ'] }
  for (let n = 0; n < 40; n += 1) await alice.say(junk)
  const reasons = alice.heard('refused').map(({ reason }) => reason)
  expect([reasons.filter((reason) => reason === 'malformed').length, reasons.length]).toEqual([
    32, 40,
  ])
  await alice.say(own)
  expect(carol.end).toBeUndefined()
  clock.advance(1000)
  await alice.say(own)
  expect(carol.end).toEqual(REMOVED)
})

test('[H37] a removal reaches the hub where the session is', async () => {
  const engine = createMemoryEngine()
  const [one, other] = [
    createHub({ engine, origins: [ORIGIN] }),
    createHub({ engine, origins: [ORIGIN] }),
  ]
  const owned = await createOwnedRoom()
  const [alice, carol] = [new MemoryClient(one), new MemoryClient(other)]
  for (const client of [alice, carol]) await client.join(owned.room)
  await alice.say(await owned.removal(carol.session.participant))
  expect(carol.end).toEqual(REMOVED)
  expect(alice.heard('participantLeft')).toHaveLength(1)
})

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
