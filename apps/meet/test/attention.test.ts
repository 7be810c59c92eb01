import { expect, test } from 'vitest'
import { wishFor } from '../src/state/attention.ts'

const page = { sight: 'seen', density: 1 } as const
const box = (width: number, height: number) => ({ start: 0, top: 0, width, height })

test('a picture in a large box is wanted in full, one in a small box low, by the pixels of the screen', () => {
  expect(wishFor(box(640, 360), page)).toBe('full')
  expect(wishFor(box(240, 135), page)).toBe('low')
  expect(wishFor(box(240, 135), { ...page, density: 2 })).toBe('full')
})

test('a picture that is nowhere, or in a page that is hidden, is paused', () => {
  expect(wishFor(undefined, page)).toBe('paused')
  expect(wishFor(box(0, 0), page)).toBe('paused')
  expect(wishFor(box(640, 360), { ...page, sight: 'hidden' })).toBe('paused')
})

test('a picture that may float above other windows unseen by the page is wanted low', () => {
  expect(wishFor(box(640, 360), { ...page, sight: 'unknown' })).toBe('low')
  expect(wishFor(undefined, { ...page, sight: 'unknown' })).toBe('paused')
})
