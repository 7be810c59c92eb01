import type { Clock } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { LoadMonitor } from '../../src/node/load-monitor.ts'

test('[H45] an event loop that is late all the time is an overload, one late turn is none', () => {
  const base = new VirtualClock()
  let lateMs = 0
  let passedMs = 0
  // Each timer fires late, and the time is later then.
  const clock: Clock = {
    now: () => base.now() + passedMs,
    setTimeout: (callback, delayMs) =>
      base.setTimeout(() => {
        passedMs += lateMs
        callback()
      }, delayMs),
    clearTimeout: (handle) => base.clearTimeout(handle),
  }
  const monitor = new LoadMonitor({ clock, usedBytes: () => 0, memoryBytes: 100, maxLagMs: 250 })
  expect(monitor.overload).toBeUndefined()
  lateMs = 1000
  base.advance(100)
  lateMs = 0
  base.advance(1000)
  expect(monitor.overload).toBeUndefined()
  lateMs = 251
  base.advance(700)
  expect(monitor.overload).toBeUndefined()
  base.advance(100)
  expect(monitor.overload).toBe('lag')
  lateMs = 0
  base.advance(100)
  expect(monitor.overload).toBeUndefined()
  monitor.stop()
  expect(base.pending).toBe(0)
})

test('[H45] nine tenths of the memory are an overload', () => {
  let used = 90
  const clock = new VirtualClock()
  const monitor = new LoadMonitor({ clock, usedBytes: () => used, memoryBytes: 100, maxLagMs: 1 })
  expect(monitor.overload).toBeUndefined()
  used = 91
  expect(monitor.overload).toBe('memory')
  monitor.stop()
})
