import { expect, test } from 'vitest'
import { VirtualClock } from '@conclave/base/testing'
import { FlowMonitor, initialFlowState, stepFlow } from '../../src/recovery/flow-monitor.ts'
import type { FlowSample, FlowState } from '../../src/recovery/flow-monitor.ts'

const run = (samples: readonly (readonly [number, number, boolean])[]): FlowState =>
  samples.reduce(
    (state, [nowMs, packets, expected]) => stepFlow(state, { packets, expected }, nowMs),
    initialFlowState,
  )

test('[S32] no packet for 1.5 seconds is silence, a moment less is not', () => {
  expect(
    run([
      [0, 0, true],
      [500, 9, true],
      [1_999, 9, true],
    ]).silent,
  ).toBe(false)
  expect(
    run([
      [0, 0, true],
      [500, 9, true],
      [2_000, 9, true],
    ]).silent,
  ).toBe(true)
})

test('[S32] one packet ends it', () => {
  expect(
    run([
      [0, 9, true],
      [2_000, 9, true],
      [2_500, 10, true],
    ]).silent,
  ).toBe(false)
})

test('[S32] before the first packet there is nothing to miss', () => {
  expect(
    run([
      [0, 0, true],
      [60_000, 0, true],
    ]).silent,
  ).toBe(false)
})

test('[S32] nothing is missed that is not expected, and the time counts from then on', () => {
  expect(
    run([
      [0, 9, true],
      [5_000, 9, false],
    ]).silent,
  ).toBe(false)
  expect(
    run([
      [0, 9, true],
      [5_000, 9, false],
      [6_000, 9, true],
    ]).silent,
  ).toBe(false)
  expect(
    run([
      [0, 9, true],
      [5_000, 9, false],
      [6_500, 9, true],
    ]).silent,
  ).toBe(true)
})

test('[S32] the monitor tells edges only, and survives a connection that cannot be asked', async () => {
  const clock = new VirtualClock()
  const told: string[] = []
  let sample: FlowSample | undefined = { packets: 5, expected: true }
  const monitor = new FlowMonitor(
    clock,
    async () => {
      if (sample === undefined) throw new Error('closed')
      return sample
    },
    (type) => told.push(type),
  )
  const pass = async (times: number): Promise<void> => {
    for (let index = 0; index < times; index += 1) {
      clock.advance(500)
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    }
  }
  await pass(8)
  expect(told).toEqual(['silent'])
  sample = undefined
  await pass(2)
  sample = { packets: 6, expected: true }
  await pass(1)
  expect(told).toEqual(['silent', 'flowing'])
  monitor.close()
  await pass(20)
  expect(told).toEqual(['silent', 'flowing'])
  expect(clock.pending).toBe(0)
})
