import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Box, type StageContent, planStage } from '../src/state/stage-layout.ts'

const people = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `p${index}`)

const content = (count: number, screens: readonly string[] = []): StageContent => ({
  people: people(count),
  self: 'p0',
  screens: screens.map((id, index) => ({ id, ratio: ratios[index] })),
})

/** A screen that is not seen yet, a usual one, a window held upright, and a very wide one. */
const ratios = [undefined, 16 / 10, 9 / 16, 32 / 9]

const laptop = { width: 900, height: 650 }
const phone = { width: 366, height: 700 }

test('two people: the other one fills the stage, self lies in its corner', () => {
  const plan = planStage(content(2), laptop)
  expect(plan.corner).toBe(true)
  expect(plan.people.get('p1')).toEqual({ start: 0, top: 0, ...laptop })
  const self = plan.people.get('p0')
  expect(self?.width).toBeLessThan(300)
  expect(isInside(self, { start: 0, top: 0, ...laptop })).toBe(true)
})

test('self in its corner covers at most a quarter of the other one, also at high zoom', () => {
  const side = fc.integer({ min: 60, max: 2000 })
  fc.assert(
    fc.property(side, side, (width, height) => {
      const self = planStage(content(2), { width, height }).people.get('p0')
      expect(isInside(self, { start: 0, top: 0, width, height })).toBe(true)
      expect(self?.width).toBeLessThanOrEqual(width / 2 + 1)
      expect(self?.height).toBeLessThanOrEqual(height / 2 + 1)
    }),
  )
})

test('nine people are three rows of three', () => {
  const plan = planStage(content(9), laptop)
  const tops = new Set([...plan.people.values()].map((box) => Math.round(box.top)))
  const starts = new Set([...plan.people.values()].map((box) => Math.round(box.start)))
  expect(tops.size).toBe(3)
  expect(starts.size).toBe(3)
})

test('a phone held upright stacks three people', () => {
  const plan = planStage(content(3), phone)
  expect(new Set([...plan.people.values()].map((box) => box.start)).size).toBe(1)
})

test('tiles are in the order of coming, row by row', () => {
  const boxes = [...planStage(content(7), laptop).people.values()]
  for (const [index, box] of boxes.entries()) {
    const before = boxes[index - 1]
    if (before === undefined) continue
    expect(box.top > before.top || (box.top === before.top && box.start > before.start)).toBe(true)
  }
})

test('a shared screen gets the larger part, beside or above the people', () => {
  for (const size of [laptop, phone]) {
    const plan = planStage(content(5, ['p1']), size)
    const screen = plan.screens.get('p1')
    for (const box of plan.people.values()) expect(area(screen)).toBeGreaterThan(area(box) * 2)
  }
})

test('the tile of a screen has the shape of the screen', () => {
  for (const size of [laptop, phone]) {
    const plan = planStage(content(5, ['p1', 'p2', 'p3', 'p4']), size)
    for (const [index, box] of [...plan.screens.values()].entries()) {
      expect(box.width / box.height).toBeCloseTo(ratios[index] ?? 16 / 9)
    }
  }
})

test('a stage without a size places no one', () => {
  expect(planStage(content(3), { width: 0, height: 0 }).people.size).toBe(0)
})

test('everybody has a place inside the stage, and nobody but self in the corner covers another', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 32 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 280, max: 3000 }),
      fc.integer({ min: 240, max: 2000 }),
      (count, screenCount, width, height) => {
        const sharing = people(count).slice(1, 1 + screenCount)
        const plan = planStage(content(count, sharing), { width, height })
        expect([...plan.people.keys()].toSorted()).toEqual([...people(count)].toSorted())
        expect([...plan.screens.keys()]).toEqual(sharing)
        const boxes = [...plan.people.values(), ...plan.screens.values()]
        for (const box of boxes) {
          expect(isInside(box, { start: 0, top: 0, width, height })).toBe(true)
        }
        if (plan.corner) return
        for (const [index, box] of boxes.entries()) {
          for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false)
        }
      },
    ),
  )
})

const area = (box: Box | undefined): number => (box === undefined ? 0 : box.width * box.height)

/** Half a pixel is the rounding of the browser. */
const tolerance = 0.5

const isInside = (box: Box | undefined, stage: Box): boolean =>
  box !== undefined &&
  box.start >= stage.start - tolerance &&
  box.top >= stage.top - tolerance &&
  box.start + box.width <= stage.start + stage.width + tolerance &&
  box.top + box.height <= stage.top + stage.height + tolerance

const overlap = (one: Box, other: Box): boolean =>
  one.start + tolerance < other.start + other.width &&
  other.start + tolerance < one.start + one.width &&
  one.top + tolerance < other.top + other.height &&
  other.top + tolerance < one.top + one.height
