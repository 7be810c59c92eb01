/**
 * A short run of every fuzz target, the same each time. `npm run fuzz` runs as long as it is told to.
 */
import { expect, test } from 'vitest'
import { runTarget } from '../fuzz/run.ts'
import type { FuzzTarget } from '../fuzz/target.ts'
import { FuzzFailure } from '../fuzz/target.ts'
import { FUZZ_TARGETS } from '../fuzz/targets/index.ts'

const SEED = 20_261_121
/** For a target of the usual share; those that do much cryptography get fewer. */
const INPUTS = 2_000
const USUAL_SHARE = 40

const countOf = ({ share }: FuzzTarget): number =>
  Math.max(100, Math.min(INPUTS, Math.ceil((INPUTS * share) / USUAL_SHARE)))

test.each(FUZZ_TARGETS)(
  '$name: nothing forged is accepted, nothing untyped thrown',
  async (target) => {
    const { inputs, outcomes, faults } = await runTarget(target, {
      seed: SEED,
      count: countOf(target),
    })
    expect(faults).toEqual([])
    expect(inputs).toBe(countOf(target))
    expect(outcomes.size).toBeGreaterThan(1)
  },
)

test('a run notices each kind of failure, and says how to repeat it', async () => {
  const outcomes: readonly (() => string)[] = [
    () => 'refused',
    () => {
      throw new FuzzFailure('forged', 'opened')
    },
    () => {
      throw new TypeError('cannot read properties of null')
    },
    () => {
      // Work of the processor is what counts: the wall clock goes on while a busy machine does other things.
      const before = process.cpuUsage()
      while (process.cpuUsage(before).user < 200_000) Math.hypot(1, 2)
      return 'refused'
    },
    () => {
      Object.defineProperty(Object.prototype, 'polluted', { value: 1, configurable: true })
      return 'refused'
    },
  ]
  const found: string[] = []
  for (const [index, outcome] of outcomes.entries()) {
    const name = `self/${index}`
    const target = { name, share: 1, prepare: async () => ({ attempt: outcome }) }
    const { faults } = await runTarget(target, { seed: 5, from: 7, count: 1, maxInputMs: 20 })
    Reflect.deleteProperty(Object.prototype, 'polluted')
    for (const { type, reproduction } of faults) {
      expect(reproduction).toBe(`npm run fuzz -- --target ${name} --seed 5 --from 7 --inputs 1`)
      found.push(type)
    }
  }
  expect(found).toEqual(['forged', 'untyped', 'slow', 'polluted'])
})

test('the same seed makes the same inputs', async () => {
  const [target] = FUZZ_TARGETS.filter(({ name }) => name === 'event/open-keyring')
  if (target === undefined) throw new Error('expected the target')
  const first = await runTarget(target, { seed: 1, count: 300 })
  const second = await runTarget(target, { seed: 1, count: 300 })
  expect(first.outcomes).toEqual(second.outcomes)
  const other = await runTarget(target, { seed: 2, count: 300 })
  expect(other.outcomes).not.toEqual(first.outcomes)
})
