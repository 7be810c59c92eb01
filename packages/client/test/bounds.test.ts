import { expect, test } from 'vitest'
import { type Bounds, BOUNDS, checkBounds, misfitsOf } from '../src/bounds.ts'

test('[R31] the bounds fit each other', () => {
  expect(misfitsOf(BOUNDS)).toEqual([])
  expect(() => checkBounds(BOUNDS)).not.toThrow()
})

const tooSmall: readonly Partial<Bounds>[] = [
  { sendLog: { ...BOUNDS.sendLog, bytes: BOUNDS.burst.bytes - 1 } },
  { sendLog: { ...BOUNDS.sendLog, messages: BOUNDS.burst.messages - 1 } },
  { reserve: { ...BOUNDS.reserve, messages: BOUNDS.sendLog.messages } },
  { outbox: { ...BOUNDS.outbox, messages: BOUNDS.repetitions.messages + 1 } },
  { repetitions: { ...BOUNDS.repetitions, bytes: BOUNDS.sendLog.bytes - 1 } },
  { heldMessages: BOUNDS.sendLog.messages - 1 },
  { replayWindow: BOUNDS.sendLog.messages - 1 },
]

test.each(tooSmall)('[R31] a bound that is too small for its neighbour is found: %j', (bound) => {
  const bounds = { ...BOUNDS, ...bound }
  expect(misfitsOf(bounds)).toHaveLength(1)
  expect(() => checkBounds(bounds)).toThrow('unreachable')
})
