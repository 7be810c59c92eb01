import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { Patience } from '../src/state/patience.ts'

const waits = (...names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name) => [name, 20_000]))

test('a wait that lasts is overdue, and no longer when it has ended', () => {
  const clock = new VirtualClock()
  const patience = new Patience(clock)
  patience.follow(waits('a', 'b'))
  clock.advance(19_999)
  expect([...patience.overdue.value]).toEqual([])
  patience.follow(waits('b', 'c'))
  clock.advance(1)
  expect([...patience.overdue.value]).toEqual(['b'])
  patience.follow(waits('a', 'c'))
  expect([...patience.overdue.value]).toEqual([])
  // It begins again from the start.
  clock.advance(19_998)
  expect([...patience.overdue.value]).toEqual([])
  clock.advance(1)
  expect([...patience.overdue.value]).toEqual(['c'])
  clock.advance(1)
  expect([...patience.overdue.value]).toEqual(['c', 'a'])
})

test('a wait that goes on stays overdue as the same set, and no timer is left at the end', () => {
  const clock = new VirtualClock()
  const patience = new Patience(clock)
  patience.follow(waits('a', 'b'))
  clock.advance(20_000)
  const { value } = patience.overdue
  patience.follow(waits('a', 'b'))
  expect(patience.overdue.value).toBe(value)
  patience.follow(waits('a', 'b', 'c'))
  patience.close()
  expect(clock.pending).toBe(0)
  expect(patience.overdue.value.size).toBe(0)
})

test('each wait has its own time', () => {
  const clock = new VirtualClock()
  const patience = new Patience(clock)
  patience.follow(new Map([['short', 3000]]).set('long', 20_000))
  clock.advance(3000)
  expect([...patience.overdue.value]).toEqual(['short'])
  clock.advance(17_000)
  expect([...patience.overdue.value]).toEqual(['short', 'long'])
})
