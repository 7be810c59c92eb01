import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_SEQUENCE } from '../../src/messages/message-envelope.ts'
import { REPLAY_WINDOW, ReplayWindow } from '../../src/replay-window.ts'

/** The obvious one: remembers everything. */
class Model {
  readonly #accepted = new Set<number>()
  #highest = -1
  #floor = 0

  isFresh(sequence: number): boolean {
    const tooOld = sequence <= this.#highest - REPLAY_WINDOW || sequence < this.#floor
    return !tooOld && !this.#accepted.has(sequence)
  }

  accept(sequence: number): boolean {
    if (!this.isFresh(sequence)) return false
    this.#accepted.add(sequence)
    this.#highest = Math.max(this.#highest, sequence)
    return true
  }

  raiseFloor(sequence: number): void {
    this.#floor = Math.max(this.#floor, sequence)
  }
}

describe('replay window', () => {
  test('[P8] each sequence is accepted once, in any order within 1,024', () => {
    const window = new ReplayWindow()
    const order = [5, 3, 4, 1023, 0, 1024, 1, 2047, 1026, 1024 + 1023 + 1]
    expect(order.map((sequence) => window.accept(sequence))).toEqual([
      ...[true, true, true, true, true, true, true, true, true, true],
    ])
    expect(order.some((sequence) => window.accept(sequence))).toBe(false)
  })

  test('[P8] 1,023 behind the highest is fresh, 1,024 behind is a replay', () => {
    const window = new ReplayWindow()
    window.accept(5000)
    expect(window.isFresh(5000 - 1023)).toBe(true)
    expect(window.isFresh(5000 - 1024)).toBe(false)
    expect(window.isFresh(0)).toBe(false)
  })

  test('[P9] looking changes nothing', () => {
    const window = new ReplayWindow()
    for (const sequence of [0, 10 ** 9, 0, MAX_SEQUENCE])
      expect(window.isFresh(sequence)).toBe(true)
    expect(window.accept(0)).toBe(true)
  })

  test('[P10] a floor drops what lies below, also before anything came, and never sinks', () => {
    const window = new ReplayWindow()
    window.raiseFloor(100)
    window.raiseFloor(50)
    expect(window.accept(99)).toBe(false)
    expect(window.accept(100)).toBe(true)
    window.raiseFloor(103)
    expect([101, 102, 103].map((sequence) => window.accept(sequence))).toEqual([false, false, true])
  })

  test('[P3] the highest sequences are told apart', () => {
    const window = new ReplayWindow()
    const highest = Array.from({ length: 64 }, (_, index) => MAX_SEQUENCE - index)
    expect(highest.every((sequence) => window.accept(sequence))).toBe(true)
    expect(highest.some((sequence) => window.accept(sequence))).toBe(false)
  })

  test('[P8] agrees with one that remembers everything', () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          type: fc.constant('near'),
          by: fc.integer({ min: -1100, max: 40 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant('jump'), by: fc.integer({ min: 0, max: 3000 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant('floor'), by: fc.integer({ min: -600, max: 5 }) }),
      },
    )
    const bases = fc.constantFrom(0, 31, 1000, 2 ** 31 - 500, 2 ** 32 - 500, 2 ** 40)
    fc.assert(
      fc.property(bases, fc.array(step, { maxLength: 200 }), (base, steps) => {
        const [ours, model] = [new ReplayWindow(), new Model()]
        let highest = base
        for (const { type, by } of steps) {
          const sequence = Math.max(0, highest + by)
          if (type === 'floor') {
            ours.raiseFloor(sequence)
            model.raiseFloor(sequence)
            continue
          }
          expect(ours.isFresh(sequence)).toBe(model.isFresh(sequence))
          expect(ours.accept(sequence)).toBe(model.accept(sequence))
          highest = Math.max(highest, sequence)
        }
      }),
      { numRuns: 300 },
    )
  })
})
