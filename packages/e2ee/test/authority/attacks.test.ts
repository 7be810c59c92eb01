import { importOwnerKeys, RoomAuthority, signPolicy } from '@conclave/e2ee/authority'
import type { Policy } from '@conclave/e2ee/authority'
import { expect, test } from 'vitest'
import { OTHER_ROOM, ROOM, rootOf } from '../fixtures.ts'
import { Actor, createOwned, createParties, idsOf, policyOf } from './fixtures.ts'

const { owned, alice, bob, guest, other, asOwner } = await createParties()
const guestId = guest.session.id
const hosts = [alice.person]

test('[U5] statements of another owner and another room are refused', async () => {
  const mallory = await createOwned()
  const member = await owned.member()
  expect(await member.apply(await mallory.sign({ number: 9 }))).toEqual({
    ...{ type: 'refused', reason: 'other-owner' },
  })
  const elsewhere = await signPolicy(policyOf(), { owner: owned.owner, room: OTHER_ROOM })
  expect(await member.apply(elsewhere)).toEqual({ type: 'refused', reason: 'not-authentic' })
  const act = await asOwner.act('remove', guestId, { room: OTHER_ROOM })
  expect(await member.apply(act)).toEqual({ type: 'refused', reason: 'not-authentic' })
  expect(member.number).toBe(0)
})

test('[U9] a certificate that another session got is refused', async () => {
  const member = await owned.member(await owned.sign({ rule: 'ask', hosts }))
  const thief = new Actor(bob.session, { publicKey: alice.person } as never, alice.certificate)
  expect(await member.apply(await thief.act('admit', guestId))).toEqual({
    ...{ type: 'refused', reason: 'not-authentic' },
  })
  expect(member.isAdmitted(guestId)).toBe(false)
})

test('[U4] lists that are too long, repeat an entry or hold a key of small order are refused by name', async () => {
  const small = new Uint8Array(32)
  const many = await Promise.all(
    Array.from(
      { length: 65 },
      // Zeros and text are no seeds.
      async (_, index) => (await importOwnerKeys(rootOf(index + 128))).publicKey,
    ),
  )
  const cases: readonly [Partial<Policy>, string][] = [
    [{ hosts: many }, '"hosts" expected at most 64'],
    [{ hosts: [alice.person, alice.person] }, '"hosts" expected each entry once'],
    [{ hosts: [small] }, '"hosts" expected keys'],
    [{ hosts: [small.slice(1)] }, '"hosts" expected Uint8Array of length 32'],
    [{ removed: idsOf(0, 1025) }, '"removed" expected at most 1024'],
    [{ removed: [guestId, guestId] }, '"removed" expected each entry once'],
    [{ removed: ['x' as never] }, '"removed" expected a participant id'],
    [{ number: 0 }, '"number" expected'],
    [{ rule: 'shut' as never }, '"rule" expected one of open, ask, locked'],
    [{ history: 'all' as never }, '"history" expected one of none, call'],
  ]
  for (const [change, message] of cases) {
    await expect(owned.sign(change)).rejects.toThrow(message)
  }
})

test('[U5] anything that is no statement is malformed', async () => {
  const member = await owned.member()
  for (const bytes of [
    undefined,
    null,
    'x',
    new Uint8Array(),
    rootOf(1),
    new Uint8Array(1 << 20),
  ]) {
    expect(await member.apply(bytes)).toEqual({ type: 'refused', reason: 'malformed' })
  }
  expect(() => new RoomAuthority({ room: ROOM, owner: rootOf(1) })).toThrow('"owner" expected')
  expect(() => new RoomAuthority({ room: 'x' as never, owner: owned.fingerprint })).toThrow(
    '"room"',
  )
})

test('[U15] the owner that removes more than 4,096 sessions fills the room, in any order', async () => {
  const statements = await Promise.all(
    [0, 1, 2, 3, 4].map((index) =>
      owned.sign({ number: index + 1, removed: idsOf(index * 820, 820) }),
    ),
  )
  const ids = idsOf(0, 4100)
  const [one, two] = [
    await owned.member(...statements),
    await owned.member(...statements.toReversed()),
  ]
  for (const member of [one, two]) {
    expect([member.isFull, member.mayAdmit(), member.nextPolicy({})]).toEqual([
      true,
      false,
      undefined,
    ])
    expect(member.nextPolicy({ endInvitation: true })?.removed).toHaveLength(1024)
    expect(member.removedCount).toBe(4096)
    expect(ids.filter((id) => member.isRemoved(id))).toHaveLength(4096)
    expect(member.isAdmitted(guestId)).toBe(false)
  }
  expect(ids.map((id) => one.isRemoved(id))).toEqual(ids.map((id) => two.isRemoved(id)))
})

test('[U15] strangers crowd out only the acts of strangers', async () => {
  const member = await owned.member(await owned.sign({ rule: 'ask', hosts }))
  await member.apply(await alice.act('admit', guestId))
  const early = await bob.act('admit', other.session.id)
  await member.apply(early)
  for (const id of idsOf(0, 256)) await member.apply(await guest.act('admit', id))
  await member.apply(await owned.signNext(member, { hosts: [alice.person, bob.person] }))
  expect([member.isAdmitted(guestId), member.isAdmitted(other.session.id)]).toEqual([true, false])
  await member.apply(early)
  expect(member.isAdmitted(other.session.id)).toBe(true)
})
