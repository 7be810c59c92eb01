import { beforeEach, expect, test } from 'vitest'
import { VirtualClock } from '@conclave/base/testing'
import { Restarter } from '../../src/recovery/restarter.ts'
import { initialRestartState, stepRestart } from '../../src/recovery/restart-policy.ts'
import type { RestartInput } from '../../src/recovery/restart-policy.ts'

let clock: VirtualClock
let startMs: number
let restartsAtMs: number[]
let restarter: Restarter
let isWithinReach: boolean
const state = (connection: RTCPeerConnectionState): RestartInput => ({
  type: 'state',
  state: connection,
})

beforeEach(() => {
  clock = new VirtualClock()
  startMs = clock.now()
  restartsAtMs = []
  isWithinReach = true
  restarter = new Restarter(
    clock,
    () => restartsAtMs.push(clock.now() - startMs),
    () => isWithinReach,
  )
})

test.each(['disconnected', 'failed'] as const)('[S30] %s restarts at once', (lost) => {
  restarter.observe(state('connected'))
  restarter.observe(state(lost))
  expect(restartsAtMs).toEqual([0])
})

test.each<RestartInput>([state('connecting'), { type: 'begun' }])(
  '[S30] a first connection is restarted when it takes too long, and not before: %j',
  (begin) => {
    restarter.observe(begin)
    clock.advance(7_999)
    expect(restartsAtMs).toEqual([])
    clock.advance(1)
    expect(restartsAtMs).toEqual([8_000])
  },
)

test('[S30] a network that comes back restarts a connection that seems well, once', () => {
  restarter.observe(state('connected'))
  restarter.observe({ type: 'network' })
  clock.advance(60_000)
  expect(restartsAtMs).toEqual([0])
})

test('[S30] the time of a first connection counts from its beginning', () => {
  restarter.observe({ type: 'begun' })
  clock.advance(5_000)
  restarter.observe(state('connecting'))
  restarter.observe({ type: 'begun' })
  clock.advance(3_000)
  expect(restartsAtMs).toEqual([8_000])
  restarter.observe(state('connected'))
  restarter.observe({ type: 'begun' })
  clock.advance(60_000)
  expect(restartsAtMs).toEqual([8_000])
})

test('[S30] a connection is not restarted before its start or after its end', () => {
  restarter.observe({ type: 'network' })
  restarter.observe({ type: 'signalling' })
  restarter.observe(state('connected'))
  restarter.observe(state('closed'))
  restarter.observe({ type: 'network' })
  clock.advance(60_000)
  expect(restartsAtMs).toEqual([])
})

test('[S31] restarts are repeated until connected, with longer pauses, and never end', () => {
  restarter.observe(state('connected'))
  restarter.observe(state('disconnected'))
  clock.advance(15_000)
  expect(restartsAtMs).toEqual([0, 1_000, 3_000, 7_000, 15_000])
  clock.advance(3_600_000)
  expect(restartsAtMs).toHaveLength(5 + 450)
  restarter.observe(state('connecting'))
  restarter.observe(state('failed'))
  restarter.observe(state('connected'))
  const count = restartsAtMs.length
  clock.advance(3_600_000)
  expect(restartsAtMs).toHaveLength(count)
  expect(clock.pending).toBe(0)
})

test('[S31] a driver that is back repeats the restart at once, and from short pauses on', () => {
  restarter.observe(state('connected'))
  restarter.observe(state('failed'))
  clock.advance(20_000)
  const before = restartsAtMs.length
  restarter.observe({ type: 'signalling' })
  expect(restartsAtMs.slice(before)).toEqual([20_000])
  clock.advance(3_000)
  expect(restartsAtMs.slice(before)).toEqual([20_000, 21_000, 23_000])
})

test('[S31] a driver that is back does not restart a healthy connection', () => {
  restarter.observe(state('connected'))
  restarter.observe({ type: 'signalling' })
  expect(restartsAtMs).toEqual([])
})

test('[S31] a failure soon after a failure continues the backoff; a later one starts it over', () => {
  restarter.observe(state('connected'))
  restarter.observe(state('disconnected'))
  clock.advance(1_000)
  restarter.observe(state('connected'))
  clock.advance(500)
  restarter.observe(state('disconnected'))
  expect(restartsAtMs).toEqual([0, 1_000])
  clock.advance(1_500)
  expect(restartsAtMs).toEqual([0, 1_000, 3_000])
  restarter.observe(state('connected'))
  clock.advance(10_000)
  restarter.observe(state('disconnected'))
  expect(restartsAtMs).toEqual([0, 1_000, 3_000, 13_000])
  clock.advance(1_000)
  expect(restartsAtMs).toEqual([0, 1_000, 3_000, 13_000, 14_000])
})

test('[S32] silence restarts a connection that seems connected, until packets flow', () => {
  restarter.observe(state('connected'))
  restarter.observe({ type: 'silent' })
  clock.advance(3_000)
  restarter.observe(state('connected'))
  clock.advance(4_000)
  expect(restartsAtMs).toEqual([0, 1_000, 3_000, 7_000])
  restarter.observe({ type: 'flowing' })
  clock.advance(60_000)
  expect(restartsAtMs).toHaveLength(4)
})

test('[S33] requests within a second of a restart are one with it', () => {
  restarter.observe(state('connected'))
  restarter.observe({ type: 'requested' })
  restarter.observe({ type: 'requested' })
  clock.advance(999)
  restarter.observe({ type: 'requested' })
  expect(restartsAtMs).toEqual([0])
  clock.advance(1)
  restarter.observe({ type: 'requested' })
  expect(restartsAtMs).toEqual([0, 1_000])
})

test('[S33] restarts are a second apart in any case', () => {
  const inputs: readonly RestartInput[] = [
    state('connecting'),
    state('connected'),
    { type: 'silent' },
    { type: 'requested' },
    state('disconnected'),
    { type: 'network' },
    { type: 'flowing' },
    { type: 'signalling' },
    state('failed'),
  ]
  for (let step = 0; step < 2_000; step += 1) {
    const input = inputs[(step * 7 + (step >> 3)) % inputs.length]
    if (input !== undefined) restarter.observe(input)
    clock.advance((step * 37) % 400)
  }
  const gapsMs = restartsAtMs.slice(1).map((atMs, index) => atMs - (restartsAtMs[index] ?? 0))
  expect(restartsAtMs.length).toBeGreaterThan(20)
  expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(1_000)
})

test('[S31] the step is pure: the same state and input give the same step', () => {
  const down = stepRestart(initialRestartState, state('failed'), 5_000)
  expect(stepRestart(initialRestartState, state('failed'), 5_000)).toEqual(down)
  expect(initialRestartState.connection).toBe('idle')
  expect(down.restart).toBe(true)
})

test('[S31] a closed restarter does nothing more', () => {
  restarter.observe(state('connected'))
  restarter.observe(state('failed'))
  restarter.close()
  clock.advance(60_000)
  restarter.observe({ type: 'network' })
  expect(restartsAtMs).toEqual([0])
  expect(clock.pending).toBe(0)
})

test('[S146] a peer out of reach hears of no restart but the first in a trouble, and of one at once when it is within reach', () => {
  restarter.observe(state('connected'))
  isWithinReach = false
  restarter.observe(state('disconnected'))
  clock.advance(20_100)
  restarter.observe({ type: 'network' })
  isWithinReach = true
  restarter.observe({ type: 'signalling' })
  clock.advance(1000)
  expect(restartsAtMs).toEqual([0, 20_100, 21_100])
})

test('[S146] a device that comes online before its peer is within reach restarts once, however well the connection looks', () => {
  restarter.observe(state('connected'))
  isWithinReach = false
  restarter.observe({ type: 'network' })
  clock.advance(50)
  isWithinReach = true
  restarter.observe({ type: 'signalling' })
  restarter.observe({ type: 'signalling' })
  clock.advance(5000)
  expect(restartsAtMs).toEqual([50])
})
