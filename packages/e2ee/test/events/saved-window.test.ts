import { ReplayWindow } from '@conclave/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { REPLAY_WINDOW } from '../../src/core/replay-window.ts'
import {
  decodeWindow,
  mergeWindow,
  SAVED_WINDOW_BYTES,
  withdrawFrom,
  writeWindow,
} from '../../src/events/saved-window.ts'

const save = (window: ReplayWindow): DataView => {
  const view = new DataView(new ArrayBuffer(SAVED_WINDOW_BYTES + 3))
  writeWindow(window, view, 3)
  return view
}

const windowOf = (sequences: readonly number[], floor = 0): ReplayWindow => {
  const window = new ReplayWindow(REPLAY_WINDOW)
  for (const sequence of sequences) window.accept(sequence)
  window.raiseFloor(floor)
  return window
}

/** Sequences up to `to` that could still be accepted. */
const freshUpTo = (window: ReplayWindow, to: number): number[] =>
  Array.from({ length: to + 1 }, (_, sequence) => sequence).filter((each) => window.isFresh(each))

const sequences = fc.array(fc.nat(3000), { maxLength: 80 })
const floors = fc.oneof(fc.constant(0), fc.nat(3000))

test('[P41] a saved window is restored, byte by byte and sequence by sequence', () => {
  fc.assert(
    fc.property(sequences, floors, (accepted, floor) => {
      const window = windowOf(accepted, floor)
      const decoded = decodeWindow(save(window), 3)
      expect(decoded && freshUpTo(decoded, 3100)).toEqual(freshUpTo(window, 3100))
      expect(decoded && save(decoded).buffer).toEqual(save(window).buffer)
    }),
  )
})

test('[P41] the highest sequence survives a round trip', () => {
  const window = windowOf([Number.MAX_SAFE_INTEGER])
  expect(decodeWindow(save(window), 3)?.state.highest).toBe(Number.MAX_SAFE_INTEGER)
})

test('[P41] merged windows hold the sequences that either accepted, less those below the window', () => {
  fc.assert(
    fc.property(sequences, floors, sequences, floors, (one, oneFloor, other, otherFloor) => {
      const [merged, theirs] = [windowOf(one, oneFloor), windowOf(other, otherFloor)]
      const [before, after] = [freshUpTo(merged, 3100), freshUpTo(theirs, 3100)]
      mergeWindow(merged, theirs)
      const fresh = freshUpTo(merged, 3100)
      const inReach = (sequence: number): boolean => sequence > merged.state.highest - REPLAY_WINDOW
      const expected = before.filter((sequence) => after.includes(sequence))
      expect(fresh.filter(inReach)).toEqual(expected.filter(inReach))
      expect(freshUpTo(theirs, 3100)).toEqual(after)
    }),
  )
})

test('[P41] an acceptance that was withdrawn is not merged', () => {
  const [merged, theirs] = [windowOf([3]), windowOf([5, 9])]
  withdrawFrom(theirs, 9)
  mergeWindow(merged, theirs)
  expect([3, 5, 9].map((sequence) => merged.isFresh(sequence))).toEqual([false, false, true])
})

test('[P41] bytes that are no saved window decode to undefined', () => {
  const view = save(windowOf([]))
  expect(decodeWindow(view, 3)).toBeDefined()
  expect(decodeWindow(view, 4)).toBeUndefined()
  expect(decodeWindow(new DataView(new ArrayBuffer(0)), 0)).toBeUndefined()
  for (const at of [3, 11]) {
    const wrong = save(windowOf([]))
    wrong.setBigUint64(at, 2n ** 53n + 1n)
    expect(decodeWindow(wrong, 3)).toBeUndefined()
  }
})

test('[P41] a withdrawn sequence is accepted again; nothing else changes', () => {
  fc.assert(
    fc.property(sequences, fc.nat(3000), (accepted, sequence) => {
      const window = windowOf(accepted)
      const before = freshUpTo(window, 3100)
      const isInReach = sequence > window.state.highest - REPLAY_WINDOW
      withdrawFrom(window, sequence)
      const expected = isInReach ? [...new Set([...before, sequence])] : before
      expect(freshUpTo(window, 3100)).toEqual(expected.toSorted((a, b) => a - b))
      expect(window.state.highest).toBe(windowOf(accepted).state.highest)
    }),
  )
})
