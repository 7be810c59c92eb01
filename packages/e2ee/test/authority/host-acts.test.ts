import type { Policy } from '@conclave/e2ee/authority'
import { expect, test } from 'vitest'
import { createParties } from './fixtures.ts'

const { owned, alice, bob, guest, other, asOwner } = await createParties()
const guestId = guest.session.id
const hosts = [alice.person]

test('[U10, U13] under ask a host admits, and nobody else', async () => {
  const policy = await owned.sign({ rule: 'ask', hosts })
  const member = await owned.member(policy)
  expect([alice, bob, asOwner].map(({ person }) => member.mayAdmit(person))).toEqual([
    true,
    false,
    true,
  ])
  expect(member.mayAdmit()).toBe(false)
  expect(await member.apply(await bob.act('admit', guestId))).toMatchObject({
    ...{ type: 'waiting', reason: 'not-host' },
  })
  expect(member.isAdmitted(guestId)).toBe(false)
  expect(await member.apply(await alice.act('admit', guestId))).toMatchObject({ type: 'act' })
  expect(member.isAdmitted(guestId)).toBe(true)
  const byOwner = await asOwner.act('admit', other.session.id)
  expect(await member.apply(byOwner)).toMatchObject({ type: 'act', statement: { isOwner: true } })
  expect(member.isAdmitted(other.session.id)).toBe(true)
})

test('[U13] open, locked, ended and full', async () => {
  const admitted = await alice.act('admit', guestId)
  const answers = async (change: Partial<Policy>): Promise<unknown> => {
    const member = await owned.member(await owned.sign({ hosts, ...change }), admitted)
    return [
      member.mayAdmit(),
      member.mayAdmit(alice.person),
      member.isAdmitted(guestId),
      member.isAdmitted(other.session.id),
    ]
  }
  expect(await answers({ rule: 'open' })).toEqual([true, true, true, true])
  expect(await answers({ rule: 'ask' })).toEqual([false, true, true, false])
  expect(await answers({ rule: 'locked' })).toEqual([false, false, true, false])
  expect(await answers({ invitationEnded: true })).toEqual([false, false, true, false])
  expect(await answers({ removed: [guestId] })).toEqual([true, true, false, true])
})

test('[U13] the sessions of the owner and of hosts belong to the room unless they are removed', async () => {
  for (const rule of ['ask', 'locked'] as const) {
    const member = await owned.member(await owned.sign({ rule, hosts }))
    const isIn = (person?: Uint8Array): boolean => member.isAdmitted(guestId, person)
    expect([alice.person, asOwner.person, bob.person, undefined].map(isIn)).toEqual([
      ...[true, true, false, false],
    ])
    await member.apply(await asOwner.act('remove', guestId))
    expect([alice.person, asOwner.person].map(isIn)).toEqual([false, false])
  }
})

test('[U10] an act under a policy that is unknown as yet waits for it', async () => {
  const member = await owned.member(await owned.sign({ rule: 'ask', hosts }))
  const early = await alice.act('admit', guestId, { number: 2 })
  expect(await member.apply(early)).toMatchObject({ type: 'waiting', reason: 'unknown-policy' })
  expect(member.isAdmitted(guestId)).toBe(false)
  await member.apply(await owned.sign({ number: 2, rule: 'ask', hosts }))
  expect(member.isAdmitted(guestId)).toBe(true)
})

test('[U10] a host that lost its place admits and removes nobody, by no statement', async () => {
  const member = await owned.member(await owned.sign({ rule: 'ask', hosts }))
  await member.apply(await alice.act('admit', guestId))
  await member.apply(await owned.signNext(member, { hosts: [bob.person] }))
  expect(member.mayAdmit(alice.person)).toBe(false)
  expect(member.isAdmitted(guestId)).toBe(false)
  // The lowest number last: of acts that say the same, only one with a lower number says something new.
  for (const number of [3, 2, 1, 0]) {
    const [admits, removes] = [
      await alice.act('admit', other.session.id, { number }),
      await alice.act('remove', bob.session.id, { number }),
    ]
    expect([await member.apply(admits), await member.apply(removes)]).toMatchObject([
      { type: 'waiting' },
      { type: 'waiting' },
    ])
  }
  expect([member.isAdmitted(other.session.id), member.isRemoved(bob.session.id)]).toEqual([
    false,
    false,
  ])
})

test('[U11] removal outweighs admission, in either order', async () => {
  const policy = await owned.sign({ rule: 'ask', hosts: [alice.person, bob.person] })
  const statements = [await alice.act('admit', guestId), await bob.act('remove', guestId)]
  for (const acts of [statements, statements.toReversed()]) {
    const member = await owned.member(policy, ...acts)
    expect([member.isRemoved(guestId), member.isAdmitted(guestId)]).toEqual([true, false])
  }
})

test('[U11] a removal by an act of the owner needs no policy', async () => {
  const member = await owned.member(await asOwner.act('remove', guestId, { number: 0 }))
  expect([member.isRemoved(guestId), member.isAdmitted(guestId)]).toEqual([true, false])
})

test('[U9] arguments that no statement has are refused by name', async () => {
  await expect(alice.act('ban' as never, guestId)).rejects.toThrow('"act" expected')
  await expect(alice.act('admit', 'x' as never)).rejects.toThrow('"session" expected')
  await expect(alice.act('admit', guestId, { number: -1 })).rejects.toThrow('"number" expected')
})
