import { ParticipantKeyGrant, randomParticipantId } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { MAX_REMEMBERED_PARTICIPANTS, ParticipantKeys } from '../../src/keys/participant-keys.ts'
import { rootOf } from '../fixtures.ts'
import { epochOf } from '../parties.ts'

const alice = randomParticipantId()

const grantOf = (
  participant: ParticipantId,
  epoch: bigint,
  { following = true, prepared = false } = {},
): ParticipantKeyGrant =>
  new ParticipantKeyGrant({ participant, epoch, following, prepared }, rootOf(1))

const setUp = (...epochs: readonly bigint[]): ParticipantKeys => {
  const keys = new ParticipantKeys()
  for (const epoch of epochs) keys.accept(alice, grantOf(alice, epoch))
  return keys
}

test('[K30] a grant that changes nothing has no events', () => {
  const keys = setUp(2n)
  for (const [grant, type] of [
    [grantOf(randomParticipantId(), 3n), 'refused'],
    [grantOf(alice, 1n), 'refused'],
    [grantOf(alice, 2n), 'known'],
  ] as const) {
    expect(keys.accept(alice, grant)).toMatchObject({ outcome: { type }, changes: [] })
  }
})

test('[K23, K30] the events of a grant: the new epoch first, then the epochs that retire for it', () => {
  const keys = setUp(epochOf(0, 0))
  void keys.get(alice)?.root(epochOf(0, 2))
  const { changes } = keys.accept(alice, grantOf(alice, epochOf(1, 2)))
  expect(changes).toEqual([
    { type: 'epochChanged', epoch: epochOf(1, 2), sender: alice },
    { type: 'epochRetired', epoch: epochOf(0, 2), sender: alice },
  ])
  const prepared = grantOf(alice, epochOf(2, 3), { prepared: true })
  expect(keys.accept(alice, prepared).changes).toEqual([
    { type: 'epochAdded', epoch: epochOf(2, 3), sender: alice },
  ])
})

test('[K22, K30] a confirmation begins what was granted in advance, once', () => {
  const keys = setUp(epochOf(0, 0))
  const epoch = epochOf(1, 1)
  keys.accept(alice, grantOf(alice, epoch, { prepared: true }))
  expect(keys.confirm(alice, epochOf(1, 2))).toEqual([])
  void keys.get(alice)?.root(epochOf(1, 2))
  const begun = [{ type: 'epochChanged', epoch, sender: alice }]
  expect(keys.confirm(alice, epochOf(1, 2))).toEqual(begun)
  for (const later of [epoch, epochOf(1, 2), epochOf(0, 0)]) {
    expect(keys.confirm(alice, later)).toEqual([])
  }
  expect(keys.confirm(randomParticipantId(), epoch)).toEqual([])
})

test('[K22, K31] a confirmation of a step that was not granted moves nothing', () => {
  const keys = setUp(epochOf(0, 0))
  void keys.get(alice)?.root(epochOf(0, 9))
  expect(keys.confirm(alice, epochOf(0, 9))).toEqual([])
  expect(keys.retireEarlier()).toEqual([])
  expect(keys.accept(alice, grantOf(alice, epochOf(0, 1))).outcome.type).toBe('set')
})

test('[K33] senders that are forgotten lose their keys, and only later ones are accepted', () => {
  const keys = setUp(4n)
  expect(keys.forget([alice, randomParticipantId(), alice])).toEqual([
    { type: 'epochRetired', epoch: 4n, sender: alice },
  ])
  expect([...keys.senders()]).toEqual([])
  for (const epoch of [3n, 4n]) {
    const { outcome } = keys.accept(alice, grantOf(alice, epoch))
    expect(outcome).toEqual({ type: 'refused', reason: 'old' })
  }
  expect(keys.accept(alice, grantOf(alice, 5n)).outcome).toEqual({ type: 'set', epoch: 5n })
})

test('[K33] a minimum retires what is below it, and all keys when the current epoch is', () => {
  const keys = setUp(epochOf(0, 4), epochOf(0, 5))
  const retired = (epoch: bigint): unknown => ({ type: 'epochRetired', epoch, sender: alice })
  expect(keys.setMin(alice, epochOf(0, 5))).toEqual([retired(epochOf(0, 4))])
  expect(keys.setMin(alice, epochOf(0, 4))).toEqual([])
  expect(keys.setMin(alice, epochOf(1, 6))).toEqual([retired(epochOf(0, 5))])
  expect(keys.get(alice)).toBeUndefined()
  expect(keys.accept(alice, grantOf(alice, epochOf(0, 5))).outcome.type).toBe('refused')
})

test('[K31, K33] a minimum within reach moves there, as a grant would', () => {
  const keys = setUp(epochOf(0, 5))
  expect(keys.setMin(alice, epochOf(0, 8))).toEqual([
    { type: 'epochChanged', epoch: epochOf(0, 8), sender: alice },
    ...[5, 6, 7].map((step) => ({
      type: 'epochRetired',
      epoch: epochOf(0, step),
      sender: alice,
    })),
  ])
  expect(keys.get(alice)?.root(epochOf(0, 72))).toBeDefined()
  expect(keys.get(alice)?.root(epochOf(0, 73))).toBeUndefined()
  expect(keys.accept(alice, grantOf(alice, epochOf(0, 8))).outcome.type).toBe('known')
  expect(keys.setMin(alice, epochOf(0, 73)).at(-1)).toMatchObject({ type: 'epochRetired' })
  expect(keys.get(alice)).toBeUndefined()
})

test('[K33] 4,096 participants are remembered for good, and no grant of another one is taken then', () => {
  const keys = new ParticipantKeys()
  const ids = Array.from({ length: MAX_REMEMBERED_PARTICIPANTS }, () => randomParticipantId())
  const [first, ...others] = ids as [ParticipantId, ...ParticipantId[]]
  keys.accept(first, grantOf(first, 7n))
  for (const each of others) keys.setMin(each, 5n)
  const stranger = randomParticipantId()
  keys.setMin(stranger, 0n)
  expect(keys.accept(stranger, grantOf(stranger, 9n)).outcome).toEqual({
    ...{ type: 'refused', reason: 'too-many-participants' },
  })
  keys.forget([first])
  for (const each of ids) {
    expect(keys.accept(each, grantOf(each, 4n)).outcome).toEqual({ type: 'refused', reason: 'old' })
  }
  expect(keys.accept(first, grantOf(first, 7n)).outcome.type).toBe('refused')
  expect(keys.accept(first, grantOf(first, 8n)).outcome.type).toBe('set')
})

test('[K33] ending earlier epochs keeps the current epoch of each sender', () => {
  const keys = setUp(epochOf(0, 0), epochOf(0, 1))
  keys.accept(alice, grantOf(alice, epochOf(1, 2), { prepared: true }))
  expect(keys.retireEarlier()).toEqual([
    { type: 'epochRetired', epoch: epochOf(0, 0), sender: alice },
  ])
  expect(keys.get(alice)?.has(epochOf(0, 1))).toBe(true)
})

test('[K13] clearing retires all epochs of all senders', () => {
  const keys = setUp(epochOf(0, 0), epochOf(0, 1))
  keys.beginOwn(randomParticipantId(), { epoch: 0n, secret: rootOf(2) })
  const changes = keys.clear()
  expect(changes.map(({ type, epoch }) => [type, epoch])).toEqual([
    ['epochRetired', epochOf(0, 0)],
    ['epochRetired', epochOf(0, 1)],
    ['epochRetired', 0n],
  ])
  expect([...keys.senders()]).toEqual([])
})
