import { within } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'

const never = new Promise<never>(() => {})

test('a promise that settles in time is the answer, and leaves no timer', async () => {
  const clock = new VirtualClock()
  const late = (): never => {
    throw new Error('not late')
  }
  const options = { clock, ms: 100, late }
  await expect(within(Promise.resolve(1), options)).resolves.toBe(1)
  await expect(within(Promise.reject(new RangeError('no')), options)).rejects.toThrow('no')
  expect(clock.pending).toBe(0)
})

test('one that does not settle in time ends as the caller says, and not before', async () => {
  const clock = new VirtualClock()
  const answers: unknown[] = []
  void within(never, { clock, ms: 100, late: () => 'late' }).then((each) => answers.push(each))
  const throwing = within(never, {
    ...{ clock, ms: 100 },
    late() {
      throw new RangeError('too late')
    },
  })
  clock.advance(99)
  await Promise.resolve()
  expect(answers).toEqual([])
  clock.advance(1)
  await expect(throwing).rejects.toThrow('too late')
  expect(answers).toEqual(['late'])
})

test('a rejection that comes too late is dropped', async () => {
  const clock = new VirtualClock()
  let fail: (error: Error) => void = () => {}
  const slow = new Promise<never>((_, reject) => {
    fail = reject
  })
  const answer = within(slow, { clock, ms: 100, late: () => 'late' })
  clock.advance(100)
  fail(new Error('later'))
  await expect(answer).resolves.toBe('late')
})
