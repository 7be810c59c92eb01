import { VirtualClock } from '@conclave/base/testing'
import { beforeEach, expect, test } from 'vitest'
import { KeptConnection } from '../../src/hub/kept-connection.ts'

const LOST = { code: 1006 }
let clock: VirtualClock
let kept: KeptConnection<{ probe(): void; leave(): void }>
let isOffline: boolean
let attemptsAtMs: number[]
let probes: number

beforeEach(() => {
  clock = new VirtualClock()
  const startMs = clock.now()
  isOffline = false
  attemptsAtMs = []
  probes = 0
  kept = new KeptConnection({
    clock,
    connect() {
      attemptsAtMs.push(clock.now() - startMs)
      return { probe: () => (probes += 1), leave: () => undefined }
    },
    isOffline: () => isOffline,
    down: () => undefined,
    ended: () => undefined,
  })
  kept.start()
  kept.stands()
})

test('[R216] without a network one attempt comes at once, the next ones 30 s apart, and one with the sign of a network', () => {
  clock.advance(10_000)
  isOffline = true
  kept.lost(LOST)
  clock.advance(0)
  kept.lost(LOST)
  clock.advance(30_000)
  kept.lost(LOST)
  clock.advance(2000)
  isOffline = false
  kept.wake()
  expect(attemptsAtMs).toEqual([0, 10_000, 40_000, 42_000])
})

test('[R22] a connection that does not outlive a sign is made again at once, however short it stood', () => {
  clock.advance(1000)
  kept.wake()
  clock.advance(2000)
  kept.lost(LOST)
  clock.advance(0)
  expect(probes).toBe(1)
  expect(attemptsAtMs).toEqual([0, 3000])
})

test('[R22] an attempt that waits is made at once', () => {
  kept.lost(LOST)
  expect(attemptsAtMs).toEqual([0])
  kept.wake()
  expect(attemptsAtMs).toEqual([0, 0])
  expect(clock.pending).toBe(0)
})
