import type { Policy } from '@conclave/e2ee/authority'
import { expect, test } from 'vitest'
import { createParties } from './fixtures.ts'

const { owned, ada, ben, guest, other, asOwner } = await createParties()
const guestId = guest.session.id
const hosts = [ada.person]

test('[U10, U13] under ask a host admits, and nobody else', async () => {
  const policy = await owned.sign({ rule: 'ask', hosts })
  const member = await owned.member(policy)
  expect([ada, ben, asOwner].map(({ person }) => member.mayAdmit(person))).toEqual([
    true,
    false,
    true,
  ])
  expect(member.mayAdmit()).toBe(false)
  expect(await member.apply(await ben.act('admit', guestId))).toMatchObject({
    ...{ type: 'waiting', reason: 'not-host' },
  })
  expect(member.isAdmitted(guestId)).toBe(false)
  expect(await member.apply(await ada.act('admit', guestId))).toMatchObject({ type: 'act' })
  expect(member.isAdmitted(guestId)).toBe(true)
  const byOwner = await asOwner.act('admit', other.session.id)
  expect(await member.apply(byOwner)).toMatchObject({ type: 'act', statement: { isOwner: true } })
  expect(member.isAdmitted(other.session.id)).toBe(true)
})

test('[U13] open, locked, ended and full', async () => {
  const admitted = await ada.act('admit', guestId)
  const answers = async (change: Partial<Policy>): Promise<unknown> => {
    const member = await owned.member(await owned.sign({ hosts, ...change }), admitted)
    return [
      member.mayAdmit(),
      member.mayAdmit(ada.person),
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
    expect([ada.person, asOwner.person, ben.person, undefined].map(isIn)).toEqual([
      ...[true, true, false, false],
    ])
    await member.apply(await asOwner.act('remove', guestId))
    expect([ada.person, asOwner.person].map(isIn)).toEqual([false, false])
  }
})

test('[U10] an act under a policy that is unknown as yet waits for it', async () => {
  const member = await owned.member(await owned.sign({ rule: 'ask', hosts }))
  const early = await ada.act('admit', guestId, { number: 2 })
  expect(await member.apply(early)).toMatchObject({ type: 'waiting', reason: 'unknown-policy' })
  expect(member.isAdmitted(guestId)).toBe(false)
  await member.apply(await owned.sign({ number: 2, rule: 'ask', hosts }))
  expect(member.isAdmitted(guestId)).toBe(true)
})

test('[U10] a host that lost its place admits and removes nobody, by no statement', async () => {
  const member = await owned.member(await owned.sign({ rule: 'ask', hosts }))
  await member.apply(await ada.act('admit', guestId))
  await member.apply(await owned.signNext(member, { hosts: [ben.person] }))
  expect(member.mayAdmit(ada.person)).toBe(false)
  expect(member.isAdmitted(guestId)).toBe(false)
  // The lowest number last: of acts that say the same, only one with a lower number says something new.
  for (const number of [3, 2, 1, 0]) {
    const [admits, removes] = [
      await ada.act('admit', other.session.id, { number }),
      await ada.act('remove', ben.session.id, { number }),
    ]
    expect([await member.apply(admits), await member.apply(removes)]).toMatchObject([
      { type: 'waiting' },
      { type: 'waiting' },
    ])
  }
  expect([member.isAdmitted(other.session.id), member.isRemoved(ben.session.id)]).toEqual([
    false,
    false,
  ])
})

test('[U11] removal outweighs admission, in either order', async () => {
  const policy = await owned.sign({ rule: 'ask', hosts: [ada.person, ben.person] })
  const statements = [await ada.act('admit', guestId), await ben.act('remove', guestId)]
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
  await expect(ada.act('ban' as never, guestId)).rejects.toThrow('"act" expected')
  await expect(ada.act('admit', 'x' as never)).rejects.toThrow('"session" expected')
  await expect(ada.act('admit', guestId, { number: -1 })).rejects.toThrow('"number" expected')
})
