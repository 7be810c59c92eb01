import { hasShape, isIntegerUpTo, isRecord } from '@conclave/base'
import { expect, test } from 'vitest'

const shape = {
  text: (value: unknown) => typeof value === 'string',
  count: (value: unknown) => isIntegerUpTo(9, value),
}

test('an object with exactly the members of a shape has it', () => {
  expect(hasShape({ count: 9, text: '' }, shape)).toBe(true)
})

test.each([
  ...[undefined, null, 1, 'text', [], ['a', 1]],
  ...[{}, { text: '' }, { text: '', count: 10 }, { text: 1, count: 1 }],
  { text: '', count: 1, more: 1 },
  { text: '', more: 1 },
  JSON.parse('{"text":"","count":1,"__proto__":{}}'),
  JSON.parse('{"text":"","__proto__":{"count":1}}'),
  Object.create({ text: '', count: 1 }),
])('nothing else has it: %j', (value) => {
  expect(hasShape(value, shape)).toBe(false)
})

test('an array is no record', () => {
  expect([{}, [], null, 'x', undefined].map(isRecord)).toEqual([true, false, false, false, false])
})

test.each([0, 1, 9])('%d is an integer up to 9', (value) => {
  expect(isIntegerUpTo(9, value)).toBe(true)
})

test.each([-0, -1, 10, 1.5, Number.NaN, Infinity, '1', null, 1n])(
  '%s is no integer up to 9',
  (value) => {
    expect(isIntegerUpTo(9, value)).toBe(false)
  },
)
