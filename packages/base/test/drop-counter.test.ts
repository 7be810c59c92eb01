import { DropCounter } from '@conclave/base'
import { expect, test } from 'vitest'

type Reason = 'replay' | 'malformed'

test('counts by reason, and leaves out what did not occur', () => {
  const drops = new DropCounter<Reason>()
  expect(drops.counts()).toEqual({})
  drops.count('replay')
  drops.count('replay', 4)
  expect(drops.counts()).toEqual({ replay: 5 })
})

test('counts are copies', () => {
  const drops = new DropCounter<Reason>()
  drops.count('replay')
  const before = drops.counts()
  drops.count('replay')
  expect(before).toEqual({ replay: 1 })
})

test('the first drop of each reason is reported, once', () => {
  const heard: [Reason, number][] = []
  const drops = new DropCounter<Reason>((reason, count) => heard.push([reason, count]))
  for (const reason of ['malformed', 'replay', 'malformed'] as const) drops.count(reason, 2)
  expect(heard).toEqual([
    ['malformed', 2],
    ['replay', 2],
  ])
})
