import { createRandom } from '@conclave/base/testing'
import { expect, test } from 'vitest'

test('a seed gives the same numbers again, and its neighbour others', () => {
  const numbers = (seed: number): number[] => {
    const random = createRandom(seed)
    return Array.from({ length: 1000 }, () => random())
  }
  expect(numbers(1)).toEqual(numbers(1))
  expect(numbers(1).filter((number) => numbers(2).includes(number))).toEqual([])
  expect(numbers(1).every((number) => number >= 0 && number < 1)).toBe(true)
  const lost = numbers(7).filter((number) => number < 1 / 3).length
  expect(Math.abs(lost - 333)).toBeLessThan(50)
})
