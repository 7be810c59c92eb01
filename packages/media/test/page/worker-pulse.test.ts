import { VirtualClock } from '@conclave/base/testing'
import { expect, onTestFinished, test } from 'vitest'
import { PULSE_INTERVAL_MS, WorkerPulse } from '../../src/page/worker-pulse.ts'
import { settle } from '../support/settle.ts'

const scene = () => {
  const clock = new VirtualClock(0)
  const silences: number[] = []
  const asked: (() => void)[] = []
  const worker = { answers: true }
  const machine = { sleptMs: 0 }
  const pulse = new WorkerPulse({
    clock: {
      now: () => clock.now() + machine.sleptMs,
      setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
      clearTimeout: (timer) => clock.clearTimeout(timer),
    },
    ask: () =>
      worker.answers ? Promise.resolve() : new Promise<void>((resolve) => void asked.push(resolve)),
    onSilence: () => silences.push(clock.now()),
  })
  onTestFinished(() => pulse.close())
  const pass = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += PULSE_INTERVAL_MS) {
      clock.advance(PULSE_INTERVAL_MS)
      await settle()
    }
  }
  return { clock, machine, silences, asked, worker, pulse, pass }
}

test('[M31] a worker that does not answer for 5 s is silent, once', async () => {
  const { silences, worker, pass, clock } = scene()
  await pass(2000)
  worker.answers = false
  await pass(5000)
  expect(silences).toEqual([])
  await pass(10_000)
  expect(silences).toEqual([7500])
  expect(clock.pending).toBe(0)
})

test('[M31] a worker that answers before is used on, however often it is late', async () => {
  const { silences, worker, pass, asked } = scene()
  await pass(500)
  for (let stall = 0; stall < 10; stall += 1) {
    worker.answers = false
    await pass(4500)
    worker.answers = true
    for (const answer of asked.splice(0)) answer()
    await pass(500)
  }
  expect(silences).toEqual([])
})

test('[M31] after a sleep of the machine the worker gets its chance', async () => {
  const { silences, worker, asked, machine, pass } = scene()
  await pass(500)
  worker.answers = false
  await pass(500)
  machine.sleptMs = 60_000
  await pass(1500)
  for (const answer of asked.splice(0)) answer()
  worker.answers = true
  await pass(20_000)
  expect(silences).toEqual([])
})

test('[M31] once closed it asks no more', async () => {
  const { silences, worker, pulse, pass, clock } = scene()
  worker.answers = false
  pulse.close()
  await pass(20_000)
  expect(silences).toEqual([])
  expect(clock.pending).toBe(0)
})
