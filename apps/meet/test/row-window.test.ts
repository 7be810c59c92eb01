import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowWindow } from '../src/state/row-window.ts'

const idsOf = (heights: readonly number[]): readonly string[] =>
  heights.map((_, index) => `${index}`)

const list = (heights: readonly number[]): RowWindow => {
  const rows = new RowWindow()
  rows.follow(idsOf(heights))
  for (const [index, height] of heights.entries()) rows.measure(`${index}`, height)
  return rows
}

const heights = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 300 })

test('the drawn rows cover the window and a screen around it, and space stands for the others', () => {
  fc.assert(
    fc.property(heights, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const rows = list(all)
      const top = share * Math.max(0, rows.height - 800)
      const { first, end, before, after } = rows.rangeAt(top, 800)
      const drawn = all.slice(first, end).reduce((sum, height) => sum + height, 0)
      expect(before + drawn + after).toBe(rows.height)
      expect(before).toBeLessThanOrEqual(Math.max(0, top - 800) || 0)
      expect(before + drawn).toBeGreaterThanOrEqual(Math.min(rows.height, top + 1600))
      expect(drawn).toBeLessThanOrEqual(2400 + 2 * 3000)
    }),
  )
})

test('an anchor leads back to its height, also when rows above it change', () => {
  fc.assert(
    fc.property(heights, fc.double({ min: 0, max: 0.999, noNaN: true }), (all, share) => {
      const rows = list(all)
      const top = share * rows.height
      const anchor = rows.anchorAt(top)
      if (anchor === undefined) throw new Error('expected an anchor')
      expect(rows.topOf(anchor)).toBeCloseTo(top)
      if (anchor.id === '0') return
      rows.measure('0', (all[0] ?? 0) + 50)
      expect(rows.topOf(anchor)).toBeCloseTo(top + 50)
    }),
  )
})

test('heights of rows that are gone are forgotten, and their anchors lead to the oldest row', () => {
  const rows = list([100, 100, 100])
  expect(rows.anchorAt(20)).toEqual({ id: '0', offset: 20 })
  rows.follow(['1', '2'])
  expect(rows.height).toBe(200)
  expect(rows.topOf({ id: '0', offset: 20 })).toBe(0)
})

test('without rows nothing is drawn', () => {
  const rows = new RowWindow()
  expect(rows.rangeAt(0, 800)).toEqual({ first: 0, end: 0, before: 0, after: 0 })
  expect(rows.anchorAt(0)).toBeUndefined()
})
