import { systemClock, timeOfDay } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { describe, expect, test } from 'vitest'

describe('the system clock', () => {
  test('is close to the time of day and never goes back', () => {
    const times = Array.from({ length: 100 }, () => systemClock.now())
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000)
  })

  test('the time of day is that of the machine', () => {
    const before = Date.now()
    expect(timeOfDay()).toBeGreaterThanOrEqual(before)
    expect(timeOfDay()).toBeLessThanOrEqual(Date.now())
  })

  test('fires timers, but not those that were cleared', async () => {
    const fired: string[] = []
    const cleared = systemClock.setTimeout(() => fired.push('cleared'), 0)
    systemClock.clearTimeout(cleared)
    systemClock.clearTimeout(undefined)
    await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 1))
    expect(fired).toEqual([])
  })
})

describe('a virtual clock', () => {
  const setUp = (): {
    clock: VirtualClock
    fired: string[]
    note: (name: string) => () => void
  } => {
    const clock = new VirtualClock(1000)
    const fired: string[] = []
    return { clock, fired, note: (name) => () => fired.push(`${name} ${clock.now()}`) }
  }

  test('stands still until it is advanced, and fires timers at their own times', () => {
    const { clock, fired, note } = setUp()
    clock.setTimeout(note('late'), 50)
    clock.setTimeout(note('early'), 20)
    clock.setTimeout(note('also early'), 20)
    clock.setTimeout(note('past'), -5)
    expect([clock.now(), clock.pending]).toEqual([1000, 4])
    clock.advance(19)
    expect(fired).toEqual(['past 1000'])
    clock.advance(40)
    expect(fired.slice(1)).toEqual(['early 1020', 'also early 1020', 'late 1050'])
    expect([clock.now(), clock.pending]).toEqual([1059, 0])
  })

  test('fires what timers set, if it is due', () => {
    const { clock, fired, note } = setUp()
    clock.setTimeout(() => {
      note('first')()
      clock.setTimeout(note('second'), 10)
      clock.setTimeout(note('third'), 100)
    }, 10)
    clock.advance(30)
    expect(fired).toEqual(['first 1010', 'second 1020'])
    expect(clock.pending).toBe(1)
  })

  test('forgets a timer that is cleared, also by a timer of the same moment', () => {
    const { clock, fired, note } = setUp()
    const handles: unknown[] = []
    clock.setTimeout(() => clock.clearTimeout(handles[0]), 10)
    handles.push(clock.setTimeout(note('cleared'), 10))
    clock.clearTimeout('no handle')
    clock.advance(10)
    expect(fired).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
