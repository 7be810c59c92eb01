import { VirtualClock } from '@conclave/base/testing'
import { randomParticipantId } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import { OwnStanding, type Standing } from '../../src/admission/own-standing.ts'

const create = (isOpen = false) => {
  const clock = new VirtualClock()
  const log: Standing[] = []
  const own = new OwnStanding({ isOpen, clock, changed: (standing) => log.push(standing) })
  return { clock, log, own }
}
const [bob, carol] = [randomParticipantId(), randomParticipantId()]

test('[R71] the first session in a room is in at once, and so is everybody in a room without an owner', () => {
  const { own, log } = create()
  expect([own.standing, own.isInside]).toEqual(['asking', false])
  own.up(0)
  expect([log, own.isInside]).toEqual([['admitted'], true])
  const { own: other } = create(true)
  expect([other.standing, other.isInside]).toEqual(['admitted', true])
})

test('[R71] a session that nobody answers for 2 s is in, and an answer within them keeps it out', () => {
  const { clock, own, log } = create()
  own.up(2)
  clock.advance(1999)
  expect(own.isInside).toBe(false)
  clock.advance(1)
  expect([log, own.isInside]).toEqual([['admitted'], true])
  const late = create()
  late.own.up(2)
  late.clock.advance(1000)
  late.own.told(bob, 'waiting')
  late.clock.advance(60_000)
  expect([late.log, late.own.isInside]).toEqual([['waiting'], false])
})

test('[R71] a late answer puts out a session that only assumed to be in', () => {
  const { clock, own, log } = create()
  own.up(1)
  clock.advance(2000)
  own.told(bob, 'refused')
  expect([log, own.isInside]).toEqual([['admitted', 'refused'], false])
})

test('[R71] one member that admits counts more than any that do not', () => {
  const { own, log } = create()
  own.up(2)
  own.told(bob, 'refused')
  own.told(carol, 'waiting')
  own.met(carol)
  own.told(bob, 'waiting')
  expect([log, own.isInside]).toEqual([['refused', 'waiting', 'admitted'], true])
})

test('[R71] answers of sessions that are gone count no more', () => {
  const { clock, own, log } = create()
  own.up(2)
  own.told(bob, 'waiting')
  own.gone(bob)
  expect(own.standing).toBe('asking')
  clock.advance(2000)
  expect([log, clock.pending]).toEqual([['waiting', 'asking', 'admitted'], 0])
})

test('[R72] a session that does not belong to the room asks again', () => {
  const { own, log } = create()
  own.up(1)
  own.met(bob)
  own.putOut()
  expect([log, own.isInside]).toEqual([['admitted', 'asking'], false])
  own.close()
})
