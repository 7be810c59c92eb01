import { expect, test } from 'vitest'
import { VirtualClock } from '@conclave/base/testing'
import { FlowMonitor, initialFlowState, stepFlow } from '../../src/recovery/flow-monitor.ts'
import type { FlowSample, FlowState } from '../../src/recovery/flow-monitor.ts'

const run = (samples: Samples): FlowState =>
  samples.reduce(
    (state, [nowMs, packets, expected]) => stepFlow(state, { packets, expected }, nowMs),
    initialFlowState,
  )

type Samples = readonly (readonly [nowMs: number, packets: number, expected: boolean])[]

// prettier-ignore
test.each<readonly [title: string, silent: boolean, samples: Samples]>([
  ['no packet for a second is silence', true, [[0, 0, true], [500, 9, true], [1_500, 9, true]]],
  ['no packet for a moment less is not', false, [[0, 0, true], [500, 9, true], [1_499, 9, true]]],
  ['one packet ends the silence', false, [[0, 9, true], [2_000, 9, true], [2_500, 10, true]]],
  ['before the first packet none is missing', false, [[0, 0, true], [60_000, 0, true]]],
  ['no packet is missing that is not expected', false, [[0, 9, true], [5_000, 9, false]]],
  ['the time counts from when packets are expected', false, [[0, 9, true], [5_000, 9, false], [5_999, 9, true]]],
  ['silence begins a second after that', true, [[0, 9, true], [5_000, 9, false], [6_000, 9, true]]],
])('[S32] %s', (_title, silent, samples) => {
  expect(run(samples).silent).toBe(silent)
})

test('[S123] counts that take long come less often, and once a second at least', async () => {
  const clock = new VirtualClock()
  let counted: ((sample: FlowSample) => void) | undefined
  const count = (): Promise<FlowSample> =>
    new Promise((resolve) => {
      counted = resolve
    })
  const monitor = new FlowMonitor(clock, count, () => undefined)
  /** The pause before the next count, which then takes so long. */
  const pauseBefore = async (tookMs: number): Promise<number> => {
    const begunMs = clock.now()
    while (counted === undefined) clock.advance(1)
    const pauseMs = clock.now() - begunMs
    clock.advance(tookMs)
    counted({ packets: 1, expected: true })
    counted = undefined
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    return pauseMs
  }
  const pauses = []
  for (const tookMs of [0, 10, 20, 400, 0]) pauses.push(await pauseBefore(tookMs))
  expect(pauses).toEqual([250, 250, 250, 500, 1000])
  monitor.close()
})

test('[S32] the monitor reports only changes, and survives a connection without statistics', async () => {
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
      clock.advance(250)
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
