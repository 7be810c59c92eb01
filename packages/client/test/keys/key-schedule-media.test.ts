import { randomParticipantId } from '@conclave/e2ee'
import { beforeEach, describe, expect, test } from 'vitest'
import { KEY_LIMITS } from '../../src/keys/key-schedule.ts'
import { ScheduleDriver, give } from './schedule-driver.ts'

const [alice, bob, carol] = [randomParticipantId(), randomParticipantId(), randomParticipantId()]

let key: ScheduleDriver

beforeEach(() => {
  key = new ScheduleDriver(KEY_LIMITS)
  key.enter(alice, bob)
  key.schedule.media(true)
  key.steps()
  key.schedule.framesSealed(1)
})

test('[R49] a newcomer is given the next ratchet at once', () => {
  key.enter(carol)
  expect(key.schedule.isUrgent).toBe(true)
  expect(key.steps()).toEqual([give('ratchet', carol), 'ready'])
})

test('[R49, R52, R150] the key after a leave is in use after 200 ms, and the participant is gone after 250 ms', () => {
  expect(key.leave(bob)).toBe(false)
  expect(key.steps()).toEqual([give('prepare', alice), { type: 'wait', untilMs: 200 }])
  key.pass(200)
  expect(key.steps()).toEqual(['complete', 'ready'])
  expect(key.schedule.wakeAtMs).toBe(250)
  key.pass(50)
  expect(key.take()).toEqual([{ type: 'end', gone: [bob] }, { type: 'ready' }])
  expect(key.schedule.isOpenToLeavers).toBe(false)
})

const START_MS = 5000

describe('[R49, R51] the key after one that is worn out', () => {
  beforeEach(() => {
    key.enter(carol)
    key.steps()
    // Until a change that can wait is due.
    key.pass(START_MS)
    key.schedule.framesSealed(KEY_LIMITS.frames)
  })

  test('is in use 1 s later: nobody has to wait for it whose messages take so long', () => {
    expect(key.steps()).toEqual([
      give('prepare', alice, bob, carol),
      { type: 'wait', untilMs: START_MS + 1000 },
    ])
    key.pass(1000)
    expect(key.steps()).toEqual(['complete', 'ready'])
  })

  test('is replaced if somebody leaves in the first 100 ms, and in use 200 ms after the leave', () => {
    key.steps()
    key.pass(99)
    key.leave(bob)
    expect(key.steps()).toEqual([
      give('prepare-afresh', alice, carol),
      { type: 'wait', untilMs: START_MS + 299 },
    ])
    key.pass(200)
    expect(key.steps()).toEqual(['complete', 'ready'])
    key.pass(50)
    expect(key.take()[0]).toEqual({ type: 'end', gone: [bob] })
  })

  test('is in use at once if somebody who has it leaves later, and the one after it 200 ms after the leave', () => {
    key.steps()
    key.pass(500)
    key.leave(bob)
    expect(key.steps()).toEqual([
      'complete',
      give('prepare', alice, carol),
      { type: 'wait', untilMs: START_MS + 550 },
    ])
    key.pass(200)
    expect(key.steps()).toEqual(['end', 'complete', 'ready'])
    key.pass(50)
    expect(key.take()[0]).toEqual({ type: 'end', gone: [bob] })
  })

  test('is in use 200 ms after somebody left to whom it was not given', () => {
    key.unreachable.add(bob)
    key.steps()
    key.pass(500)
    expect(key.leave(bob)).toBe(false)
    expect(key.steps()).toEqual([{ type: 'wait', untilMs: START_MS + 700 }])
    key.pass(200)
    expect(key.steps()).toEqual(['complete', 'ready'])
    key.pass(50)
    expect(key.take()[0]).toEqual({ type: 'end', gone: [bob] })
  })
})

test('[R49] a newcomer meanwhile is given the key that is prepared', () => {
  key.leave(bob)
  key.steps()
  key.enter(carol)
  expect(key.steps()).toEqual([give('prepare', carol), { type: 'wait', untilMs: 200 }])
  key.pass(250)
  expect(key.steps()).toEqual(['complete', 'ready'])
  key.schedule.messageSealed()
  expect(key.steps()).toEqual(['ready'])
})

test('[R49] another leave in the first 100 ms takes another key, in the same time', () => {
  key.enter(carol)
  key.steps()
  key.leave(bob)
  key.steps()
  key.pass(99)
  key.leave(carol)
  expect(key.steps()).toEqual([give('prepare-afresh', alice), { type: 'wait', untilMs: 200 }])
  key.pass(101)
  expect(key.steps()).toEqual(['complete', 'ready'])
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [bob, carol] })
})

test('[R49] another leave after that takes the prepared key into use, and prepares the next', () => {
  key.enter(carol)
  key.steps()
  key.leave(bob)
  key.steps()
  key.pass(100)
  key.leave(carol)
  expect(key.steps()).toEqual(['complete', give('prepare', alice), { type: 'wait', untilMs: 150 }])
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [bob] })
  key.pass(150)
  expect(key.steps()).toEqual(['complete', 'ready'])
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [carol] })
})

test('[R49] a leave before the prepared key is sealed to it takes no other key', () => {
  key.leave(bob)
  key.enter(carol)
  const step = key.begin()
  key.leave(carol)
  expect(step.to.map((id) => key.schedule.given(id))).toEqual([true, false])
  expect(key.steps()).toEqual([{ type: 'wait', untilMs: 200 }])
})

test('[R49] a leave while the prepared key is given to somebody else takes another key', () => {
  key.enter(carol)
  key.steps()
  key.leave(bob)
  key.steps()
  key.enter(bob)
  const step = key.schedule.next(key.nowMs, () => true)
  expect(step).toEqual(give('prepare', bob))
  key.leave(carol)
  key.schedule.changed('prepare', key.nowMs)
  key.schedule.given(bob)
  expect(key.steps()[0]).toEqual(give('prepare-afresh', alice, bob))
})

test('[R49, R54] somebody who says that it does not hold the prepared key, and leaves, is closed out', () => {
  key.enter(carol)
  key.steps()
  key.leave(bob)
  key.steps()
  key.schedule.missed(carol)
  expect(key.leave(carol)).toBe(false)
  expect(key.steps()[0]).toEqual(give('prepare-afresh', alice))
})

test('[R49, R52] the last one that leaves is gone 50 ms after a fresh key is in use, which is at once', () => {
  expect([key.leave(bob), key.leave(alice)]).toEqual([false, false])
  expect(key.schedule.isUrgent).toBe(true)
  expect(key.steps()).toEqual([give('rotate'), 'ready'])
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [bob, alice] })
  key.enter(carol)
  expect(key.steps()).toEqual([give('none', carol), 'ready'])
})

test('[R49, R52] with nobody there, somebody who left is leaving until a key that waits for its turn is in use', () => {
  useAllChanges()
  expect([key.leave(alice), key.leave(bob)]).toEqual([false, false])
  key.enter(carol)
  expect(key.steps()).toEqual([{ type: 'wait', untilMs: 50 }])
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [] })
  key.pass(950)
  expect(key.steps()[0]).toEqual(give('rotate', carol))
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [alice, bob] })
})

test('[R49, R52] somebody who comes back and leaves again while it is leaving is leaving as long as before', () => {
  key.leave(bob)
  key.steps()
  key.pass(150)
  key.enter(bob)
  expect(key.leave(bob)).toBe(false)
  key.pass(50)
  expect(key.steps()).toEqual(['complete', 'ready'])
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [bob] })
})

test('[R49, R52] somebody who comes back, is given the next key and leaves again is gone with that key', () => {
  key.leave(bob)
  key.steps()
  key.enter(bob)
  key.steps()
  key.pass(200)
  key.steps()
  expect(key.leave(bob)).toBe(false)
  key.steps()
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [] })
  key.pass(150)
  key.steps()
  key.pass(50)
  expect(key.take()[0]).toEqual({ type: 'end', gone: [bob] })
})

test('[R49] a source that is turned on with nobody there is not sent before the key is fresh', () => {
  key.schedule.media(false)
  key.leave(bob)
  key.leave(alice)
  key.schedule.media(true)
  expect([key.schedule.holdsMedia, key.schedule.isUrgent]).toEqual([true, true])
  expect(key.steps()).toEqual([give('rotate'), 'ready'])
  expect(key.schedule.holdsMedia).toBe(true)
  key.pass(50)
  key.steps()
  expect(key.schedule.holdsMedia).toBe(false)
})

test('[R52] somebody who is leaving is gone also when the source is turned off', () => {
  useAllChanges()
  key.leave(bob)
  key.schedule.media(false)
  expect(key.steps().at(-1)).toMatchObject({ type: 'wait' })
  expect(key.schedule.isUrgent).toBe(true)
  key.pass(1000)
  expect(key.take()).toContainEqual({ type: 'end', gone: [bob] })
})

test('[R49] frames for somebody who came into an empty room are closed to those who come later', () => {
  key.leave(bob)
  key.leave(alice)
  key.pass(1000)
  key.enter(alice)
  expect(key.steps()[0]).toEqual(give('rotate', alice))
  key.enter(bob)
  key.pass(1000)
  expect(key.steps()).toContainEqual(give('ratchet', bob))
})

test('[R49] a source that is turned off leaves the next change to the next message', () => {
  key.schedule.media(false)
  expect(key.leave(bob)).toBe(true)
  expect(key.schedule.isUrgent).toBe(false)
  key.schedule.media(true)
  expect(key.schedule.isOpenToLeavers).toBe(true)
  expect(key.steps()[0]).toEqual(give('rotate', alice))
  key.pass(50)
  key.steps()
  expect(key.schedule.isOpenToLeavers).toBe(false)
})

/** Changes the key as often as it may change at once; both are there at the end. */
function useAllChanges(): void {
  for (let n = 0; n < 4; n += 1) {
    key.leave(alice)
    key.leave(bob)
    key.steps()
    key.enter(alice, bob)
    key.steps()
  }
}
