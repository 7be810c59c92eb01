import type { SignedHostStatement } from '@conclave/e2ee/authority'
import { expect, test } from 'vitest'
import { HostActs, MAX_TOMBSTONES } from '../../src/authority/host-acts.ts'
import { rootOf } from '../fixtures.ts'
import { idsOf } from './fixtures.ts'

/** An act of the owner, who needs no policy. */
const actOf = (
  session: SignedHostStatement['session'],
  change: Partial<SignedHostStatement> = {},
): SignedHostStatement => ({
  ...{ type: 'host', act: 'remove', session, number: 0, isOwner: true },
  ...{ signingKey: rootOf(1), personKey: rootOf(2), bytes: rootOf(3), ...change },
})

test('[U15] 4,096 removals are kept, and one more is full', () => {
  const acts = new HostActs()
  const ids = idsOf(0, MAX_TOMBSTONES + 1)
  const kept = ids.map((id) => acts.keep(actOf(id)))
  expect(new Set(kept.slice(0, -1))).toEqual(new Set(['kept']))
  expect(kept.at(-1)).toBe('full')
  expect(ids.filter((id) => acts.has('remove', id))).toHaveLength(MAX_TOMBSTONES)
})

test('[U15] of more than 4,096 admissions the one kept longest goes', () => {
  const acts = new HostActs()
  const ids = idsOf(0, MAX_TOMBSTONES + 1)
  for (const id of ids) expect(acts.keep(actOf(id, { act: 'admit' }))).toBe('kept')
  expect(ids.filter((id) => !acts.has('admit', id))).toEqual(ids.slice(0, 1))
})

test('[U15] of acts that do the same the one with the lowest number is kept', () => {
  const [first, second] = [new HostActs(), new HostActs()]
  const [id] = idsOf(0, 1)
  if (id === undefined) throw new Error('unreachable')
  const [low, high] = [actOf(id), actOf(id, { number: 5, bytes: rootOf(4) })]
  expect([first.keep(low), first.keep(high)]).toEqual(['kept', 'known'])
  expect([second.keep(high), second.keep(low)]).toEqual(['kept', 'kept'])
  for (const acts of [first, second]) expect(acts.ofHosts()).toEqual([low])
})
