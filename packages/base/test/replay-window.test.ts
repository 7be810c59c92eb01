import { ReplayWindow } from '@conclave/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

/** The highest sequence of a stream. spec P3 */
const MAX_SEQUENCE: number = 2 ** 53 - 1

/** The obvious one: remembers everything. */
class Model {
  readonly #size: number
  readonly #accepted = new Set<number>()
  #highest = -1
  #floor = 0

  constructor(size: number) {
    this.#size = size
  }

  isFresh(sequence: number): boolean {
    const tooOld = sequence <= this.#highest - this.#size || sequence < this.#floor
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

/** Sequences near the highest one, leaps, and floors. */
const stepsFor = (size: number): fc.Arbitrary<readonly Step[]> => {
  const near = fc.integer({ min: -size - 76, max: 40 })
  const typed = (type: Step['type'], by: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
    fc.record({ type: fc.constant(type), by })
  return fc.array(
    fc.oneof(
      { weight: 8, arbitrary: typed('accept', near) },
      { weight: 1, arbitrary: typed('accept', fc.integer({ min: 0, max: size * 3 })) },
      { weight: 1, arbitrary: typed('floor', fc.integer({ min: -size / 2, max: 5 })) },
    ),
    { maxLength: 200 },
  )
}

interface Step {
  readonly type: 'accept' | 'floor'
  readonly by: number
}

const bases = fc.constantFrom(0, 31, 1000, 2 ** 31 - 500, 2 ** 32 - 500, 2 ** 40)

/** Applies the steps to both; returns the highest sequence, and tells how each judged. */
function run(
  steps: readonly Step[],
  { ours, model, base }: { ours: ReplayWindow; model: Model; base: number },
): {
  readonly highest: number
  readonly judged: readonly boolean[]
  readonly modelled: readonly boolean[]
} {
  const [judged, modelled]: [boolean[], boolean[]] = [[], []]
  let highest = base
  for (const { type, by } of steps) {
    const sequence = Math.max(0, highest + by)
    if (type === 'floor') {
      ours.raiseFloor(sequence)
      model.raiseFloor(sequence)
    } else {
      judged.push(ours.isFresh(sequence), ours.accept(sequence))
      modelled.push(model.isFresh(sequence), model.accept(sequence))
      if (judged.at(-1) === true) highest = Math.max(highest, sequence)
    }
  }
  return { highest, judged, modelled }
}

/** The sequences within reach that both judge differently. */
function differences(ours: ReplayWindow, model: Model, highest: number): number[] {
  const differing: number[] = []
  for (
    let sequence = Math.max(0, highest - ours.size - 2);
    sequence <= highest + 2;
    sequence += 1
  ) {
    if (ours.isFresh(sequence) !== model.isFresh(sequence)) differing.push(sequence)
  }
  return differing
}

describe.each([1024, 4096])('a window of %i', (size) => {
  test('[P8, M12] each sequence is accepted once, in any order within the window', () => {
    const window = new ReplayWindow(size)
    const order = [5, 3, 4, size - 1, 0, size, 1, 2 * size - 1, size + 2]
    expect(order.map((sequence) => window.accept(sequence))).toEqual(order.map(() => true))
    expect(order.some((sequence) => window.accept(sequence))).toBe(false)
    expect(window.state.highest).toBe(2 * size - 1)
  })

  test('[P8, M12] less than the size behind the highest is fresh, the size behind is a replay', () => {
    const window = new ReplayWindow(size)
    window.accept(50_000)
    expect(window.isFresh(50_000 - size + 1)).toBe(true)
    expect(window.isFresh(50_000 - size)).toBe(false)
    expect(window.isFresh(0)).toBe(false)
  })

  test('[P9, M12] a look-up changes nothing', () => {
    const window = new ReplayWindow(size)
    for (const sequence of [0, 10 ** 9, 0, MAX_SEQUENCE]) {
      expect(window.isFresh(sequence)).toBe(true)
    }
    expect(window.state.highest).toBe(-1)
    expect(window.accept(0)).toBe(true)
  })

  test('[P3] the highest sequences are told apart', () => {
    const window = new ReplayWindow(size)
    const highest = Array.from({ length: 64 }, (_, index) => MAX_SEQUENCE - index)
    expect(highest.every((sequence) => window.accept(sequence))).toBe(true)
    expect(highest.some((sequence) => window.accept(sequence))).toBe(false)
    expect(window.state.highest).toBe(MAX_SEQUENCE)
  })

  test('[P8, M12] agrees with a reference that remembers everything', () => {
    fc.assert(
      fc.property(bases, stepsFor(size), (base, steps) => {
        const [ours, model] = [new ReplayWindow(size), new Model(size)]
        const { highest, judged, modelled } = run(steps, { ours, model, base })
        expect(judged).toEqual(modelled)
        expect(differences(ours, model, highest)).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('[P41] a window restored from a state continues like the original', () => {
    fc.assert(
      fc.property(bases, stepsFor(size), stepsFor(size), (base, before, after) => {
        const [first, model] = [new ReplayWindow(size), new Model(size)]
        const { highest } = run(before, { ours: first, model, base })
        const ours = new ReplayWindow(size, first.state)
        expect(ours.state).toEqual(first.state)
        const later = run(after, { ours, model, base: highest })
        expect(later.judged).toEqual(later.modelled)
        expect(differences(ours, model, later.highest)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('[P41] a window of a state takes a copy of it', () => {
    const window = new ReplayWindow(size)
    window.accept(5)
    const other = new ReplayWindow(size, window.state)
    expect([window.accept(5), other.accept(5)]).toEqual([false, false])
    other.accept(6)
    expect([window.state.highest, other.state.highest]).toEqual([5, 6])
  })
})

describe('floors', () => {
  test('[P10] a floor drops everything below it, also in an empty window, and never sinks', () => {
    const window = new ReplayWindow(1024)
    window.raiseFloor(100)
    window.raiseFloor(50)
    expect(window.accept(99)).toBe(false)
    expect(window.accept(100)).toBe(true)
    window.raiseFloor(103)
    expect([101, 102, 103].map((sequence) => window.accept(sequence))).toEqual([false, false, true])
  })
})
