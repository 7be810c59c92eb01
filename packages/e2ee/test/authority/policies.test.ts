import { judgePolicy, verifyPolicy } from '@conclave/e2ee/authority'
import { expect, test } from 'vitest'
import { bytesToHex, ROOM } from '../fixtures.ts'
import { createParties, idsOf } from './fixtures.ts'

const { owned, alice, bob, guest, other } = await createParties()
const guestId = guest.session.id
const place = { room: ROOM, owner: owned.fingerprint }
const hosts = [alice.person]

test('[U12] before any statement the room is open, keeps no history and has no host', async () => {
  const member = await owned.member()
  expect(member).toMatchObject({ number: 0, rule: 'open', history: 'none', hosts: [] })
  expect([member.isInvitationEnded, member.isFull, member.isConflicting]).toEqual([
    false,
    false,
    false,
  ])
  expect([member.isHost(alice.person), member.isHost(owned.owner.publicKey)]).toEqual([
    false,
    false,
  ])
  expect(member.statements()).toEqual([])
})

test('[U6] the highest number counts, and an older statement changes nothing', async () => {
  const old = await owned.sign({ number: 1, rule: 'open', history: 'call', hosts: [bob.person] })
  const next = await owned.sign({ number: 7, rule: 'ask', hosts })
  for (const statements of [
    [old, next],
    [next, old],
  ]) {
    const member = await owned.member(...statements)
    expect(member).toMatchObject({ number: 7, rule: 'ask', history: 'none', hosts })
    expect(member.isHost(bob.person)).toBe(false)
  }
  const member = await owned.member(next)
  expect(await member.apply(old)).toMatchObject({ type: 'policy', judgement: 'older' })
  expect(await member.apply(next)).toEqual({ type: 'known' })
})

test('[U6] of equal numbers all take the lower digest, and show the conflict until a higher number', async () => {
  const [wins, loses] = await rivals()
  for (const [statements, judgement] of [
    [[wins, loses], 'conflict-lost'],
    [[loses, wins], 'conflict-won'],
  ] as const) {
    const member = await owned.member(statements[0])
    expect(member.isConflicting).toBe(false)
    expect(await member.apply(statements[1])).toMatchObject({ type: 'policy', judgement })
    expect(member.isConflicting).toBe(true)
    expect(member.rule).toBe(await ruleOf(wins))
    const newcomer = await owned.member(...member.statements())
    expect([newcomer.isConflicting, newcomer.rule]).toEqual([true, member.rule])
    await member.apply(await owned.signNext(member, {}))
    expect(member.isConflicting).toBe(false)
  }
})

test('[U6] judging is a function of the two statements', async () => {
  const [wins, loses] = await Promise.all(
    (await rivals()).map((bytes) => verifyPolicy(bytes, place)),
  )
  const next = await verifyPolicy(await owned.sign({ number: 3 }), place)
  if (wins?.type !== 'policy' || loses?.type !== 'policy' || next.type !== 'policy')
    throw new Error('expected policies')
  expect([
    judgePolicy(undefined, wins),
    judgePolicy(wins, loses),
    judgePolicy(loses, wins),
    judgePolicy(wins, wins),
    judgePolicy(wins, next),
    judgePolicy(next, wins),
  ]).toEqual(['newer', 'conflict-lost', 'conflict-won', 'known', 'newer', 'older'])
})

test('[U7] a removal and the end of the invitation are final, by old and losing statements too', async () => {
  const final = await owned.sign({ number: 2, removed: [guestId], invitationEnded: true })
  const next = await owned.sign({ number: 3 })
  const rival = await owned.sign({ number: 2, history: 'call' })
  for (const statements of [
    [final, next],
    [next, final],
    [final, rival],
    [rival, final],
  ]) {
    const member = await owned.member(...statements)
    expect([member.isRemoved(guestId), member.isInvitationEnded]).toEqual([true, true])
    expect(member.mayAdmit(owned.owner.publicKey)).toBe(false)
    const newcomer = await owned.member(...member.statements())
    expect([newcomer.isRemoved(guestId), newcomer.isInvitationEnded]).toEqual([true, true])
  }
})

test('[U8] the next policy carries all removals, those of hosts too', async () => {
  const removal = await alice.act('remove', guestId)
  const member = await owned.member(await owned.sign({ hosts, rule: 'ask' }), removal)
  const next = await owned.signNext(member, { hosts: [], remove: [other.session.id] })
  await member.apply(next)
  expect(member).toMatchObject({ number: 2, rule: 'ask', hosts: [] })
  expect([guestId, other.session.id].map((id) => member.isRemoved(id))).toEqual([true, true])
  expect(member.statements()).toEqual([next])
})

test('[U8] more removals than one statement holds need a new root', async () => {
  const first = await owned.sign({ removed: idsOf(0, 1000) })
  const member = await owned.member(first)
  expect(member.nextPolicy({ remove: idsOf(1000, 24) })?.removed).toHaveLength(1024)
  expect(member.nextPolicy({ remove: idsOf(1000, 25) })).toBeUndefined()
})

/** The signed policies of two devices with one number, the one that counts first. */
async function rivals(number = 2): Promise<readonly [Uint8Array, Uint8Array]> {
  const made = await Promise.all(
    (['ask', 'locked'] as const).map(async (rule) => {
      const bytes = await owned.sign({ number, rule, hosts })
      const verified = await verifyPolicy(bytes, place)
      return { bytes, digest: verified.type === 'policy' ? bytesToHex(verified.digest) : '' }
    }),
  )
  const [first, second] = made.toSorted((one, two) => (one.digest < two.digest ? -1 : 1))
  if (!first || !second) throw new Error('unreachable')
  return [first.bytes, second.bytes]
}

const ruleOf = async (bytes: Uint8Array): Promise<string> => (await owned.member(bytes)).rule

test('[U8] the end of the invitation is said also when the removals do not fit, and all stay removed', async () => {
  const first = await owned.sign({ number: 1, hosts, removed: idsOf(0, 1000) })
  const second = await owned.sign({ number: 2, hosts, removed: idsOf(1000, 1000) })
  const member = await owned.member(first, second, await alice.act('remove', guestId))
  const ids = [...idsOf(0, 2000), guestId]
  expect(member.removedCount).toBe(2001)
  expect(member.nextPolicy({ rule: 'locked' })).toBeUndefined()
  expect(member.nextPolicy({ endInvitation: true, hosts: [] })).toBeUndefined()
  const last = await owned.signNext(member, { endInvitation: true })
  expect((await member.apply(last)).type).toBe('policy')
  const newcomer = await owned.member(...member.statements())
  for (const each of [member, newcomer]) {
    expect([each.isInvitationEnded, each.removedCount]).toEqual([true, 2001])
    expect(ids.every((id) => each.isRemoved(id))).toBe(true)
  }
})
