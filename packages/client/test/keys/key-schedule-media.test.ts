import { randomParticipantId } from '@conclave/e2ee'
import { beforeEach, expect, test } from 'vitest'
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

test('[R49, R52] the key after a leave is in use after 200 ms, and the participant is gone after 250 ms', () => {
  expect(key.leave(bob)).toBe(false)
  expect(key.steps()).toEqual([give('prepare', alice), { type: 'wait', untilMs: 200 }])
  key.pass(200)
  expect(key.steps()).toEqual(['complete', 'ready'])
  expect(key.schedule.wakeAtMs).toBe(250)
  key.pass(50)
  expect(key.take()).toEqual([{ type: 'end', gone: [bob] }, { type: 'ready' }])
  expect(key.schedule.isOpenToLeavers).toBe(false)
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

test('[R49] a leave while the prepared key is sealed to it takes another key', () => {
  key.leave(bob)
  key.enter(carol)
  const step = key.schedule.next(key.nowMs, () => true)
  if (step.type !== 'give') throw new Error('expected a key to give')
  key.schedule.changed(step.change, key.nowMs)
  key.leave(carol)
  for (const id of step.to) key.schedule.given(id)
  expect(key.steps()).toEqual([give('prepare-afresh', alice), { type: 'wait', untilMs: 200 }])
})

test('[R49, R52] when the last one leaves nothing is sent, and it is gone at once', () => {
  key.leave(bob)
  expect(key.leave(alice)).toBe(true)
  key.enter(carol)
  expect(key.steps().filter((step) => step !== 'end')).not.toContainEqual(give('none', carol))
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
  expect(key.schedule.isOpenToLeavers).toBe(false)
})
