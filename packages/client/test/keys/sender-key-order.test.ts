import { createRandom } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { SenderKeyOrder } from '../../src/keys/sender-key-order.ts'

test('[R55] at and beyond the beginning of a key no earlier one is permitted, and below it no later one', () => {
  const order = new SenderKeyOrder()
  expect(order.permits(0, 7n)).toBe(true)
  expect(order.add(10, 5n)).toBe(true)
  expect([4n, 5n, 6n].map((epoch) => order.permits(10, epoch))).toEqual([false, true, true])
  expect([4n, 5n, 6n].map((epoch) => order.permits(9, epoch))).toEqual([true, true, false])
  expect(order.add(20, 4n)).toBe(false)
  expect(order.add(9, 6n)).toBe(false)
  expect(order.add(20, 6n)).toBe(true)
  expect([order.epochAt(9), order.epochAt(10), order.epochAt(19), order.epochAt(20)]).toEqual([
    ...[0n, 5n, 5n, 6n],
  ])
})

test('[R55] a message shows that its epoch has begun, wherever it lies', () => {
  const order = new SenderKeyOrder()
  order.add(30, 3n)
  order.add(20, 3n)
  expect(order.permits(19, 2n)).toBe(true)
  expect(order.permits(20, 2n)).toBe(false)
  order.add(25, 3n)
  expect(order.permits(20, 2n)).toBe(false)
})

test('[R55] epochs of an honest sender are permitted in any order of arrival', () => {
  const random = createRandom(55)
  for (let run = 0; run < 50; run += 1) {
    const epochs: bigint[] = [0n]
    while (epochs.length < 60) epochs.push((epochs.at(-1) ?? 0n) + (random() < 0.2 ? 1n : 0n))
    const order = new SenderKeyOrder()
    const arrivals = epochs.map((epoch, at) => ({ at, epoch })).toSorted(() => random() - 0.5)
    for (const { at, epoch } of arrivals) expect(order.add(at, epoch)).toBe(true)
    for (const [at, epoch] of epochs.entries()) {
      const permitted = [epoch, epoch - 1n].map((each) => each >= 0n && order.permits(at, each))
      expect(permitted).toEqual([true, false])
    }
  }
})

test('[R55] places that have passed are forgotten, and a sender that names many makes no memory', () => {
  const order = new SenderKeyOrder()
  for (let epoch = 1n; epoch <= 1000n; epoch += 1n) order.add(Number(epoch) * 10, epoch)
  expect(order.permits(9_999, 999n)).toBe(true)
  order.passed(9_995)
  expect(order.epochAt(9_995)).toBe(999n)
  expect(order.epochAt(9_000)).toBe(0n)
})
