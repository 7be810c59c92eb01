import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { WishSender } from '../../src/wishes/wish-sender.ts'

test('[S124] changes are said together, and again after 0.5, 1 and 2 s', () => {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const said: number[] = []
  const sender = new WishSender(clock, () => said.push(clock.now() - startMs))
  sender.changed()
  clock.advance(20)
  sender.changed()
  clock.advance(60_000)
  expect(said).toEqual([70, 570, 1570, 3570])
  sender.changed()
  clock.advance(50)
  sender.close()
  clock.advance(60_000)
  expect(said).toHaveLength(5)
  expect(clock.pending).toBe(0)
})
