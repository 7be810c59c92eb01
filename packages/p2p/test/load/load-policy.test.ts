import { expect, test } from 'vitest'
import { cameraPixels, encodingLimits, lessUnderLoad } from '../../src/connection/encodings.ts'
import { INITIAL_LOAD, MAX_LOAD_LEVEL, stepLoad } from '../../src/load/load-policy.ts'
import type { LoadState } from '../../src/load/load-policy.ts'

const look = (state: LoadState, busy: number, { isStarved = false, growth = 2 } = {}): LoadState =>
  stepLoad(state, { busy, isStarved, growth })

const looks = (count: number, state: LoadState, busy: number): LoadState => {
  let next = state
  for (let each = 0; each < count; each += 1) next = look(next, busy)
  return next
}

test('[S122] a busy machine is asked for less at each look, to a least', () => {
  expect([1, 2, 3, 9].map((count) => looks(count, INITIAL_LOAD, 0.5).level)).toEqual([1, 2, 3, 3])
  expect(look(INITIAL_LOAD, 0.1, { isStarved: true }).level).toBe(1)
  expect(looks(99, INITIAL_LOAD, 0.3).level).toBe(0)
})

test('[S122] more is tried after four looks with space for it, and not where it would be too much', () => {
  const least = { ...INITIAL_LOAD, level: MAX_LOAD_LEVEL }
  expect(looks(3, least, 0.1).level).toBe(3)
  expect(looks(4, least, 0.1).level).toBe(2)
  expect(look(looks(3, least, 0.1), 0.2).calm).toBe(0)
  expect(looks(99, least, 0.2).level).toBe(3)
  // After the trial of each.
  expect(looks(60, least, 0.01).level).toBe(0)
})

test('[S122] more that was too much is tried again after twice as long each time, 64 looks at most', () => {
  let state: LoadState = { ...INITIAL_LOAD, level: 1 }
  const waited = Array.from({ length: 7 }, () => {
    let count = 0
    for (; state.level === 1; count += 1) state = look(state, 0.1)
    state = look(state, 0.5)
    return count
  })
  expect(waited).toEqual([4, 8, 16, 32, 64, 64, 64])
  // It proved itself: what comes later is another matter.
  const proved = look(looks(6, { ...INITIAL_LOAD, calm: -5 }, 0.1), 0.5)
  expect(proved).toMatchObject({ level: 1, patience: INITIAL_LOAD.patience })
})

test('[S122] each level of a camera takes less, a screen and sound stay', () => {
  for (const peers of [2, 3, 5, 8]) {
    const pixels = [0, 1, 2, 3].map((level) => cameraPixels(peers, level))
    expect(pixels).toEqual(pixels.toSorted((left, right) => right - left))
  }
  expect(cameraPixels(1, 0)).toBe(0)
  const camera = encodingLimits('camera', 'video', 5)
  const least = { maxBitrate: 150_000, maxFramerate: 12, maxHeight: 180 }
  expect(lessUnderLoad('camera', camera, 3)).toEqual(least)
  expect(lessUnderLoad('camera', camera, 0)).toBe(camera)
  // Never more than the mesh permits.
  const many = encodingLimits('camera', 'video', 40)
  expect(lessUnderLoad('camera', many, 1)).toEqual(many)
  for (const [label, kind] of [
    ['screen', 'video'],
    ['microphone', 'audio'],
  ] as const) {
    const limits = encodingLimits(label, kind, 5)
    expect(lessUnderLoad(label, limits, 3)).toBe(limits)
  }
})
