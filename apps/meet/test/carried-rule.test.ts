import { expect, test } from 'vitest'
import { carryRule, ruleOf } from '../src/state/carried-rule.ts'
import { TestRoom } from './support/room.ts'
import { SettlingClock, settle } from './support/virtual-clock.ts'

const carry = (change: Parameters<TestRoom['govern']>[0], others: readonly string[]) => {
  const before = new TestRoom()
  before.govern(change)
  for (const id of others) before.enter(id)
  const [room, clock] = [new TestRoom(), new SettlingClock()]
  carryRule(room.port, { carried: ruleOf(before.port), clock })
  return { room, clock }
}

test('the rule of a call goes on with a new link when all have come', async () => {
  const { room, clock } = carry({ rule: 'ask', history: 'call' }, ['b', 'c'])
  room.enter('b')
  await clock.pass(1000)
  expect(room.log).toEqual([])
  room.enter('c')
  await settle()
  expect(room.log).toEqual(['setHistory call', 'setRule ask'])
  room.depart('c')
  room.enter('c')
  await clock.pass(60_000)
  expect(room.log).toHaveLength(2)
  expect([clock.pending, room.subscriptions]).toEqual([0, 0])
})

test('those who do not come are waited for 15 s', async () => {
  const { room, clock } = carry({ rule: 'locked' }, ['b', 'c'])
  room.enter('b')
  await clock.pass(14_900)
  expect(room.log).toEqual([])
  await clock.pass(200)
  expect(room.log).toEqual(['setRule locked'])
})

test('a call that is left before sets nothing, nor does one whose rule is as calls begin', async () => {
  const left = carry({ rule: 'ask' }, ['b'])
  left.room.end('left')
  const open = carry({}, ['b'])
  open.room.enter('b')
  for (const { room, clock } of [left, open]) {
    await clock.pass(20_000)
    expect(room.log).toEqual([])
    expect([clock.pending, room.subscriptions]).toEqual([0, 0])
  }
})
