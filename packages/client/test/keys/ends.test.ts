import { decodeEnvelopeHeader } from '@conclave/e2ee'
import { beforeEach, expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { createForger, openUnverified } from '../messages/session-parts.ts'
import { KeyedRoom, holds, isToRoom, kindOf, text } from './keyed-room.ts'

let room: KeyedRoom

beforeEach(() => {
  room = new KeyedRoom()
})

test('[R55] a message at or beyond the end of a key does not open under it, and one below does', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await alice.say('1')
  room.isLost = ({ to, payload }) => to === bob.self && kindOf({ payload }) === MESSAGE_KINDS.chat
  await alice.say('2')
  const late = room.lastOf(alice)
  room.isLost = () => false
  const forger = createForger(carol, alice.self, late)
  carol.transport.close()
  await alice.say('3')
  const from = alice.self
  for (let n = 0; n < 6; n += 1) {
    const { bytes, sequence } = await forger.seal({ kind: MESSAGE_KINDS.chat }, text('forged'))
    if (sequence > 1n) room.hub.invent({ from, to: bob.self, payload: bytes })
  }
  room.hub.invent({ from, to: bob.self, payload: late })
  await room.flush()
  expect(bob.heard).toEqual(['1', '2', '3'])
  expect(bob.dropped['ended-key']).toBe(4)
})

test('[R56] the keys of a sender retire 10 s after the next one is in use, when all under them has come', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await alice.say('1')
  const first = alice.ownKeys.epoch
  room.isLost = ({ to, payload }) => to === bob.self && kindOf({ payload }) === MESSAGE_KINDS.chat
  await alice.say('2')
  room.isLost = ({ to, payload }) =>
    to === bob.self && decodeEnvelopeHeader(payload)?.sequence === 1 && isToRoom(payload)
  carol.transport.close()
  await alice.say('3')
  await room.pass(15_000)
  expect(await holds(bob, alice, first)).toBe(true)
  room.isLost = () => false
  await room.pass(15_000)
  expect(bob.heard).toEqual(['1', '2', '3'])
  expect(await holds(bob, alice, first)).toBe(false)
  expect(await holds(bob, alice, alice.ownKeys.epoch)).toBe(true)
})

test('[R56] a signed message in a later step ends the steps before, although no key was given', async () => {
  const [alice, bob] = await room.meet(2)
  await alice.say('1')
  const first = alice.ownKeys.epoch
  await room.join()
  await room.pass(1500)
  await alice.say('2')
  expect(alice.ownKeys.epoch).toBe(first + 1n)
  await room.pass(25_000)
  expect(await holds(bob, alice, first)).toBe(false)
  await alice.say('3')
  expect(bob.heard).toEqual(['1', '2', '3'])
})

test('[R56] frames that another member seals far ahead in the name of a participant end nothing of it', async () => {
  const [alice, bob] = await room.meet(2)
  await alice.say('1')
  const first = alice.ownKeys.epoch
  for (const ahead of [64n, 128n]) {
    // As the frame encryption does when the frame of a holder of the chain has authenticated.
    await holds(bob, alice, first + ahead)
    bob.ownKeys.confirm(first + ahead, alice.self)
    await room.pass(15_000)
    expect(await holds(bob, alice, first)).toBe(true)
  }
  await alice.say('2')
  await room.join()
  await room.pass(1500)
  await alice.say('3')
  room.members[2]?.transport.close()
  await room.pass(1500)
  await alice.say('4')
  expect(bob.heard).toEqual(['1', '2', '3', '4'])
  expect(bob.dropped).toEqual({})
})

test('[R56] a session’s earlier keys end with the leave for which they changed', async () => {
  const [alice, , carol] = await room.meet(3)
  await alice.say('1')
  const first = alice.ownKeys.epoch
  carol.transport.close()
  await alice.say('2')
  expect(await holds(alice, alice, first)).toBe(false)
})

test('[R57] a message that overtakes its key waits for it', async () => {
  const [alice, bob] = await room.meet(2)
  void alice.messages.broadcast(MESSAGE_KINDS.chat, text('1')).sent
  void alice.messages.broadcast(MESSAGE_KINDS.chat, text('2')).sent
  await room.settle()
  room.hub.queue.reverse()
  await room.flush()
  expect(bob.heard).toEqual(['1', '2'])
  expect(bob.dropped).toEqual({})
})

test('[R57] no more than 64 wait, and the others are repeated', async () => {
  const [alice, bob] = await room.meet(2)
  for (let n = 0; n < 70; n += 1) {
    void alice.messages.broadcast(MESSAGE_KINDS.chat, text(String(n))).sent
  }
  await room.settle()
  room.hub.queue.push(...room.hub.queue.splice(0, 1))
  await room.flush()
  expect(bob.dropped['unknown-key']).toBe(6)
  await room.pass(3000)
  expect(bob.heard).toHaveLength(70)
})

test('[R57] a lost key is repeated before what waits for it', async () => {
  const [alice, bob] = await room.meet(2)
  room.isLost = ({ payload }) => kindOf({ payload }) === MESSAGE_KINDS.key
  await alice.say('1')
  expect(bob.heard).toEqual([])
  room.isLost = () => false
  await room.pass(300)
  expect(bob.heard).toEqual(['1'])
})

test('[R58] all bytes of a participant that left, with the hub’s word that it is here', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await carol.say('here')
  const withheld = await room.withheldHello(carol, alice)
  carol.transport.close()
  await room.flush()
  const recorded = [...room.hub.seen.filter(({ from }) => from === carol.self), withheld]
  for (const { payload } of recorded) {
    alice.transport.tell('participantJoined', { participant: carol.self })
    room.hub.invent({ from: carol.self, to: alice.self, payload })
    await room.pass(300)
  }
  await room.pass(3000)
  expect(alice.roster).toEqual([bob.self])
  await alice.say('without Carol')
  expect(await openUnverified(carol, alice, room.lastOf(alice))).toBe('unknown-key')
})

test('[R58] it comes back by itself, in a moment', async () => {
  const [alice, , carol] = await room.meet(3)
  alice.transport.tell('participantLeft', { participant: carol.self, reason: 'left' })
  alice.transport.tell('participantJoined', { participant: carol.self })
  await room.pass(1500)
  expect(alice.roster).toContain(carol.self)
  await alice.say('welcome')
  expect(carol.heard).toEqual(['welcome'])
})
