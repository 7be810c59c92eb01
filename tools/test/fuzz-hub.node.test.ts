/**
 * A short run of hostile input for a real hub, the same each time. `npm run fuzz:hub` runs as long as it is told to.
 */
import { expect, test, vi } from 'vitest'
import { fuzzHub } from '../fuzz/hub/run.ts'

// Real sockets take long on a machine that has other work.
vi.setConfig({ testTimeout: 120_000 })

const SEED = 1
const MIB = 1_048_576

test('[H27] the hub answers or ends strangers for all that they send, and forgets them, while a good pair talks on', async () => {
  const report = await fuzzHub({ inputs: 5000, seed: SEED })
  expect(report.faults).toEqual([])
  expect(report.inputs).toBeGreaterThanOrEqual(5000)
  expect(report.goodMessages).toBeGreaterThan(3)
  expect(report.grownBytes).toBeLessThan(10 * MIB)
  for (const outcome of ['answered 400', 'answered 403', 'ended 1002', 'ended 4400'])
    expect(report.outcomes.get(outcome)).toBeGreaterThan(0)
})

test('[H27] the same with the limits of a hub', async () => {
  const report = await fuzzHub({ inputs: 1500, seed: SEED, limits: {} })
  expect(report.faults).toEqual([])
})
