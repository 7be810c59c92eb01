import { expect, test } from 'vitest'
import { KeyedRoom, isToRoom } from './keyed-room.ts'

const SIZE = 8

test('[R105] a join costs four messages with each member, a leave costs those who listen nothing, and those who speak at most four', async () => {
  const room = new KeyedRoom()
  await room.meet(SIZE - 1)
  await room.pass(5000)
  const direct = (since: number): number =>
    room.hub.seen.slice(since).filter(({ payload }) => !isToRoom(payload)).length

  const beforeJoin = room.hub.seen.length
  await room.join()
  await room.pass(5000)
  expect(room.hub.seen.length - beforeJoin).toBe(4 * (SIZE - 1))

  const beforeLeave = room.hub.seen.length
  const goes = room.members.pop()
  goes?.transport.close()
  await room.pass(5000)
  expect(room.hub.seen.length).toBe(beforeLeave)

  for (const member of room.members) await member.say('hello')
  await room.pass(5000)
  room.members.pop()?.transport.close()
  const beforeWords = room.hub.seen.length
  for (const member of room.members) await member.say('still here')
  await room.pass(5000)
  const perSpeaker = direct(beforeWords) / room.members.length
  expect(perSpeaker).toBeGreaterThanOrEqual(room.members.length - 1)
  expect(perSpeaker).toBeLessThanOrEqual(4 * room.members.length)
})
