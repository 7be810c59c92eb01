import { backoffMs } from '@conclave/base'
import { expect, test } from 'vitest'

const bounds = { firstMs: 500, maxMs: 8000 }

test('[S22] the bound doubles from the first to the highest', () => {
  const pauses = [0, 1, 2, 3, 4, 5, 1000, Number.MAX_SAFE_INTEGER].map((repetition) =>
    backoffMs(repetition, bounds),
  )
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000, 8000])
})

test('[R3] jitter is a random part of the bound, in whole milliseconds', () => {
  expect(backoffMs(0, { ...bounds, random: 0 })).toBe(0)
  expect(backoffMs(2, { ...bounds, random: 0.25 })).toBe(500)
  expect(backoffMs(1, { firstMs: 333, maxMs: 9999, random: 0.5 })).toBe(333)
  expect(backoffMs(0, { firstMs: 333, maxMs: 9999, random: 0.5 })).toBe(167)
})
