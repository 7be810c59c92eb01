import { randomParticipantId } from '@conclave/e2ee'
import { beforeEach, describe, expect, test } from 'vitest'
import { KEY_LIMITS } from '../../src/keys/key-schedule.ts'
import { ScheduleDriver, give } from './schedule-driver.ts'

const [alice, bob, carol] = [randomParticipantId(), randomParticipantId(), randomParticipantId()]
const LIMITS = { ...KEY_LIMITS, messages: 3, frames: 100 }

let key: ScheduleDriver

beforeEach(() => {
  key = new ScheduleDriver(LIMITS)
})

describe('before something is said', () => {
  test('[R47] everyone in the roster is given the key, and nobody else', () => {
    key.enter(alice, bob)
    expect(key.steps()).toEqual([give('none', alice, bob), 'ready'])
    expect(key.say()).toEqual(['ready'])
  })

  test('[R47] a session that says nothing changes nothing', () => {
    key.enter(alice, bob)
    key.say()
    expect(key.schedule.isUrgent).toBe(false)
    key.leave(bob)
    key.enter(carol)
    expect(key.schedule.isUrgent).toBe(false)
  })

  test('[R47] a newcomer is given a key under which nothing was said', () => {
    key.enter(alice)
    key.say()
    key.enter(bob)
    expect(key.say()).toEqual([give('ratchet', bob), 'ready'])
    key.enter(carol)
    key.pass(1000)
    expect(key.steps()).toEqual([give('ratchet', carol), 'ready'])
    key.leave(carol)
    key.pass(1000)
    expect(key.say()).toEqual([give('rotate', alice, bob), 'end', 'ready'])
  })

  test('[R47] somebody who left without the key costs nothing', () => {
    key.enter(alice)
    key.say()
    key.enter(bob)
    expect(key.leave(bob)).toBe(true)
    expect(key.say()).toEqual(['ready'])
  })

  test('[R47] a key under which nothing was said is given as it is', () => {
    key.enter(alice)
    key.say()
    key.leave(alice)
    key.enter(bob, carol)
    key.pass(1000)
    expect(key.steps()).toEqual([give('rotate', bob, carol), 'end', 'ready'])
    key.enter(alice)
    expect(key.steps()).toEqual([give('none', alice), 'ready'])
  })

  test('[R47] a holder is given the key again before it looks ahead no further', () => {
    key.enter(alice)
    key.steps()
    const toAlice: number[] = []
    for (let n = 0; n < 100; n += 1) {
      key.schedule.messageSealed()
      key.schedule.framesSealed(0)
      key.enter(randomParticipantId())
      key.pass(1000)
      const [step] = key.take()
      if (step?.type === 'give' && step.to.includes(alice)) toAlice.push(n)
      if (key.schedule.lacking().length > 0) throw new Error('expected that all were given the key')
    }
    expect(toAlice.length).toBeGreaterThanOrEqual(2)
    expect(Math.max(...toAlice.map((n, at) => n - (toAlice[at - 1] ?? 0)))).toBeLessThan(64)
  })

  test('[R47] somebody whom no key can reach delays nobody', () => {
    key.enter(alice, bob)
    key.unreachable.add(bob)
    expect(key.say()).toEqual([give('none', alice), 'ready'])
    expect(key.schedule.lacking()).toEqual([bob])
    key.unreachable.clear()
    expect(key.say()).toEqual([give('ratchet', bob), 'ready'])
  })

  test('[R47] somebody who leaves before the key is sealed to it is not given it', () => {
    key.enter(alice, bob)
    key.begin()
    expect(key.schedule.given(alice)).toBe(true)
    expect(key.leave(bob)).toBe(true)
    expect(key.schedule.given(bob)).toBe(false)
    expect(key.say()).toEqual(['ready'])
  })

  test('[R47, R54] somebody who says that it does not hold the key, and leaves, is closed out', () => {
    key.enter(alice, bob)
    key.say()
    key.schedule.missed(bob)
    expect(key.leave(bob)).toBe(true)
    expect(key.say()).toEqual([give('rotate', alice), 'end', 'ready'])
  })

  test('[R54] somebody who does not hold the key after all is given a later one', () => {
    key.enter(alice, bob)
    key.steps()
    key.schedule.missed(bob)
    expect(key.steps()).toEqual([give('ratchet', bob), 'ready'])
  })
})

describe('meeting', () => {
  test('[R48] nothing is said before those whom the hub named are met, for 250 ms', () => {
    key.schedule.expect([alice, bob], key.nowMs)
    key.enter(alice)
    expect(key.steps()).toEqual([give('none', alice), { type: 'wait', untilMs: 250 }])
    key.enter(bob)
    expect(key.steps()).toEqual([give('none', bob), 'ready'])
  })

  test('[R48] somebody who is not there delays nobody for longer', () => {
    key.schedule.expect([alice, bob], key.nowMs)
    key.enter(alice)
    key.steps()
    key.pass(250)
    expect(key.say()).toEqual(['ready'])
    key.schedule.expect([carol], key.nowMs)
    key.leave(carol)
    expect(key.steps()).toEqual(['ready'])
  })
})

describe('in time', () => {
  test('[R50] a change waits for a second after the one before, and takes all who came meanwhile', () => {
    key.enter(alice)
    key.say()
    key.enter(bob)
    expect(key.say()).toEqual([give('ratchet', bob), 'ready'])
    key.pass(300)
    key.enter(carol)
    expect(key.steps()).toEqual([{ type: 'wait', untilMs: 1000 }])
    key.pass(699)
    expect(key.steps()).toEqual([{ type: 'wait', untilMs: 1000 }])
    const late = randomParticipantId()
    key.enter(late)
    key.pass(1)
    expect(key.steps()).toEqual([give('ratchet', carol, late), 'ready'])
  })

  test('[R50] leaves while media is sent take 4 changes at once, then one a second', () => {
    const leavers = Array.from({ length: 8 }, () => randomParticipantId())
    key.enter(alice, ...leavers)
    key.schedule.media(true)
    key.steps()
    key.schedule.framesSealed(1)
    let changes = 0
    for (const leaver of leavers) {
      key.leave(leaver)
      changes += key.steps().filter((step) => step === 'complete').length
      key.pass(250)
      changes += key.steps().filter((step) => step === 'complete').length
    }
    // 2 s have passed.
    expect(changes).toBeLessThanOrEqual(2 + 4)
    expect(changes).toBeGreaterThanOrEqual(4)
    for (let n = 0; n < 10; n += 1) {
      key.pass(1000)
      key.steps()
    }
    expect(key.schedule.isOpenToLeavers).toBe(false)
  })

  test('[R51] the key changes after so many messages, frames and milliseconds', () => {
    key.enter(alice)
    for (let n = 0; n < LIMITS.messages; n += 1) key.say()
    key.pass(1000)
    expect(key.say()).toEqual([give('rotate', alice), 'end', 'ready'])
    key.pass(LIMITS.ageMs)
    expect(key.say()).toEqual([give('rotate', alice), 'end', 'ready'])
    key.schedule.media(true)
    key.schedule.framesSealed(LIMITS.frames - 1)
    key.pass(1000)
    expect(key.steps()).toEqual(['ready'])
    key.schedule.framesSealed(1)
    expect(key.steps()[0]).toEqual(give('prepare', alice))
    key.pass(1000)
    key.steps()
    const freshAtMs = key.nowMs
    key.pass(50)
    key.steps()
    expect(key.schedule.wakeAtMs).toBe(freshAtMs + LIMITS.ageMs)
  })

  test('[R51] a key under which nothing was said grows old without a change', () => {
    key.enter(alice)
    key.steps()
    key.pass(2 * LIMITS.ageMs)
    expect(key.steps()).toEqual(['ready'])
  })
})
