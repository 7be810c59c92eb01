import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReceiveOrder } from '../../src/messages/receive-order.ts'

test('[R8] any order of arrival is delivered in order, each message once', () => {
  fc.assert(
    fc.property(
      fc.nat(1000).chain((first) =>
        fc.tuple(
          fc.constant(first),
          fc.shuffledSubarray(
            Array.from({ length: 100 }, (_, index) => first + index),
            { minLength: 100 },
          ),
        ),
      ),
      ([first, arrivals]) => {
        const order = new ReceiveOrder<number>(first)
        const delivered = arrivals.flatMap((sequence) => order.accept(sequence, sequence).ready)
        expect(delivered).toEqual(arrivals.toSorted((left, right) => left - right))
        expect(order.hasGap).toBe(false)
      },
    ),
    { seed: 8 },
  )
})

test('[R8] a repeated message, or one before the floor, is not delivered', () => {
  const order = new ReceiveOrder<string>(5)
  expect(order.accept(4, 'before')).toEqual({ ready: [], lost: 0, missed: 0, passed: [] })
  expect(order.accept(5, 'five').ready).toEqual(['five'])
  expect(order.accept(5, 'again').ready).toEqual([])
})

test('[R8] when more than 1,024 wait, the gap is given up and counted', () => {
  const order = new ReceiveOrder<number>(0)
  for (let sequence = 3; sequence < 1027; sequence += 1) {
    expect(order.accept(sequence, sequence)).toEqual({ ready: [], lost: 0, missed: 0, passed: [] })
  }
  const { ready, lost } = order.accept(1027, 1027)
  expect(lost).toBe(3)
  expect(ready).toHaveLength(1025)
  expect(order.expected).toBe(1028)
})

test('[R9] messages that the sender says exist are a gap, also after the last one that came', () => {
  const order = new ReceiveOrder<number>(0)
  order.accept(0, 0)
  expect(order.hasGap).toBe(false)
  order.expectUntil(2)
  expect(order.hasGap).toBe(true)
  order.accept(1, 1)
  expect(order.hasGap).toBe(false)
})

test('[R9] a skip delivers the held messages before it and counts the missing ones', () => {
  const order = new ReceiveOrder<number>(0)
  order.accept(2, 2)
  order.accept(7, 7)
  expect(order.skipTo(7)).toEqual({ ready: [2, 7], lost: 6, missed: 0, passed: [] })
  expect(order.expected).toBe(8)
  expect(order.skipTo(3)).toEqual({ ready: [], lost: 0, missed: 0, passed: [] })
})

test('[R8] a sequence far ahead costs no time', () => {
  const order = new ReceiveOrder<number>(0)
  order.accept(2 ** 47, 1)
  expect(order.skipTo(2 ** 48)).toEqual({ ready: [1], lost: 2 ** 48 - 1, missed: 0, passed: [] })
})

test('[R53] a range that is passed to its end is told once, whatever ends it', () => {
  const order = new ReceiveOrder<number>(0)
  expect(order.miss([[2, 5, 1]]).passed).toEqual([])
  order.accept(0, 0)
  expect(order.accept(1, 1)).toEqual({ ready: [1], lost: 0, missed: 3, passed: [[2, 5, 1]] })
  expect(order.miss([[2, 5, 1]]).passed).toEqual([])
  order.miss([
    [6, 8, 1],
    [8, 20, 3],
  ])
  expect(order.skipTo(10)).toEqual({
    ...{ ready: [], lost: 1, missed: 14 },
    passed: [
      [6, 8, 1],
      [8, 20, 3],
    ],
  })
  expect(order.expected).toBe(20)
})
