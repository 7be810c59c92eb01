/** The harness replaces Vitest in other runtimes; one that passes everything would prove nothing. */
import { expect, test } from 'vitest'
import * as harness from '../runtimes/harness.ts'

test('tests that fail are counted and named, others pass', async () => {
  harness.describe('chapter', () => {
    harness.test('right', () => harness.expect(1).toBe(1))
    harness.test.each([1, 2])('one of two', (value) => harness.expect(value).toBe(1))
    harness.test('late', async () => harness.expect(await Promise.resolve(2)).toBe(3))
    harness.test('thrown', () => {
      throw new Error('no')
    })
  })
  const { passed, failed } = await harness.run()
  expect(passed).toBe(2)
  expect(failed.map((line) => line.split(':')[0])).toEqual([
    'chapter › one of two (1)',
    'chapter › late',
    'chapter › thrown',
  ])
})

test.each([
  ['bytes', () => harness.expect(Uint8Array.of(1)).toEqual(Uint8Array.of(2))],
  ['a missing property', () => harness.expect({ a: 1 }).toEqual({ a: 1, b: 2 })],
  ['another property', () => harness.expect({ a: 1, b: 2 }).toEqual({ a: 1 })],
  ['a part', () => harness.expect({ a: { b: 1, c: 2 } }).toMatchObject({ a: { b: 2 } })],
  ['a part that is not there', () => harness.expect({}).toMatchObject({ a: 1 })],
  ['something', () => harness.expect(0).toBeUndefined()],
  ['a length', () => harness.expect([1]).toHaveLength(2)],
  ['a text in a text', () => harness.expect('no secret').not.toContain('secret')],
])('the harness tells values apart: %s', (_what, compare) => {
  expect(compare).toThrow('Expected values')
})

test('the harness compares as Vitest does', async () => {
  harness.expect({ a: 1, b: undefined }).toEqual({ a: 1 })
  harness.expect({ a: { b: 1, c: 2 } }).toMatchObject({ a: { b: 1 } })
  await harness.expect(Promise.reject(new Error('no key here'))).rejects.toThrow('no key')
  await expect(harness.expect(Promise.resolve()).rejects.toThrow('x')).rejects.toThrow(
    'Missing expected rejection',
  )
})

test('the harness tells a number above the most, equal values and another rejection', async () => {
  expect(() => harness.expect(3).toBeLessThanOrEqual(2)).toThrow('3 is above 2')
  expect(() => harness.expect({ a: 1 }).not.toEqual({ a: 1 })).toThrow('not to be')
  for (const outcome of [
    Promise.resolve(),
    Promise.reject(Object.assign(new Error(), { code: 1 })),
  ]) {
    const compared = harness.expect(outcome).rejects.toMatchObject({ code: 2 })
    await expect(compared).rejects.toThrow('Expected values')
  }
  const rejected = Promise.reject(
    Object.assign(new Error('no'), { code: 2, details: { epoch: 1n } }),
  )
  await harness.expect(rejected).rejects.toMatchObject({ code: 2 })
})

test('rows that are arrays give the arguments of each, and the one of for', async () => {
  const rows = [['a', 1] as const]
  harness.test.each(rows)('each', (name, value) => harness.expect([name, value]).toEqual(['a', 1]))
  harness.test.for(rows)('for', (row) => harness.expect(row).toEqual(['a', 1]))
  expect((await harness.run()).failed.filter((line) => /^(each|for)/.test(line))).toEqual([])
})

test('the harness replaces a method until it is restored', () => {
  const clock = { now: () => 1 }
  const spy = harness.vi.spyOn(clock, 'now').mockImplementation(() => 2)
  expect(clock.now()).toBe(2)
  spy.mockRestore()
  expect(clock.now()).toBe(1)
})
