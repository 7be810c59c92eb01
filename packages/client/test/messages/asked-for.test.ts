import { beforeEach, expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { openUnverified } from './session-parts.ts'
import { KeyedRoom, type Member, kindOf, text } from '../keys/keyed-room.ts'

let room: KeyedRoom

beforeEach(() => {
  room = new KeyedRoom()
})

/** Sends a part of a room code, as rounds do. */
const sendPart = async ({ messages }: Member): Promise<void> => {
  const sent = messages.broadcast(MESSAGE_KINDS.nonce, text('part'), { isAskedFor: true })
  await sent.sent
  await room.flush()
}

test('[R101] a part of a room code asks nobody whether it came, and one after a leave is closed to who left', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await alice.say('hello')
  await room.pass(5000)
  const before = room.hub.seen.length
  await sendPart(alice)
  await room.pass(5000)
  const { nonce, key } = MESSAGE_KINDS
  expect(room.hub.seen.slice(before).map(kindOf)).toEqual([nonce, nonce])
  carol.transport.close()
  const afterwards = room.hub.seen.length
  await sendPart(alice)
  expect(room.hub.seen.slice(afterwards).map(kindOf)).toEqual([key, nonce])
  expect(bob.heard).toEqual(['hello', 'part', 'part'])
  expect(await openUnverified(carol, alice, room.lastOf(alice))).toBe('unknown-key')
})

test('[R101] a part that got lost comes to whoever asks its sender', async () => {
  const [alice, bob] = await room.meet(2)
  await alice.say('hello')
  await room.pass(5000)
  room.isLost = ({ payload }) => kindOf({ payload }) === MESSAGE_KINDS.nonce
  await sendPart(alice)
  room.isLost = () => false
  await room.pass(5000)
  expect(bob.heard).toEqual(['hello'])
  bob.messages.ask([alice.self])
  await room.flush()
  expect(bob.heard).toEqual(['hello', 'part'])
})

test('[R27, R101] however often others are asked for parts, the questions keep the rate of repeated ones', async () => {
  const [alice, bob] = await room.meet(2)
  await room.pass(5000)
  const before = room.hub.seen.length
  for (let n = 0; n < 500; n += 1) bob.messages.ask([alice.self])
  await room.settle()
  const asked = room.hub.seen.slice(before).filter(({ from }) => from === bob.self)
  expect(asked.map(kindOf)).toEqual(Array.from({ length: 64 }, () => MESSAGE_KINDS.hello))
})
