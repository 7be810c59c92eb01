import { SharedKeySource, createSealer } from '@conclave/e2ee'
import { INTRODUCTION_FORMAT } from '@conclave/e2ee/session'
import { beforeEach, expect, test } from 'vitest'
import { encodeKeyBody } from '../../src/keys/key-body.ts'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { ROOM, SECRET, openUnverified } from '../messages/session-parts.ts'
import { KeyedRoom, kindOf, text } from './keyed-room.ts'

let room: KeyedRoom

beforeEach(() => {
  room = new KeyedRoom()
})

test('[R46] opens to the roster, and to nobody with the link and all bytes of the hub', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await alice.say('hello')
  expect([bob.heard, carol.heard]).toEqual([['hello'], ['hello']])
  const keys = new SharedKeySource(Uint8Array.from(SECRET))
  for (const { from, to, payload } of room.hub.seen) {
    if (payload[0] === INTRODUCTION_FORMAT) continue
    const outsider = createSealer({ keys, room: ROOM, unsafeSelf: to })
    expect(await outsider.open(from, payload)).toMatchObject({ type: 'dropped' })
  }
})

test('[R46] is under a key that a session gives to each member of its roster, and no third one reads', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await alice.say('hello')
  const keys = room.hub.seen.filter((sent) => kindOf(sent) === MESSAGE_KINDS.key)
  expect(keys.map(({ to }) => to).toSorted()).toEqual([bob.self, carol.self].toSorted())
  const forBob = keys.find(({ to }) => to === bob.self)
  if (forBob === undefined) throw new Error('expected a key')
  expect(await carol.sealer.open(alice.self, forBob.payload)).toMatchObject({ type: 'dropped' })
})

test('[R46] a key of somebody else, or nothing of the kind, is dropped', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await carol.say('known')
  const ofCarol = encodeKeyBody({ grant: carol.ownKeys.grantWithPast(), from: 9 })
  const body = new Uint8Array(66)
  body.set([1, 2])
  for (const bytes of [new Uint8Array(3), body, ofCarol]) {
    await alice.messages.send(bob.self, MESSAGE_KINDS.key, bytes)
  }
  await room.flush()
  expect(bob.dropped).toEqual({ 'refused-key': 3 })
  await alice.say('still here')
  expect(bob.heard).toEqual(['known', 'still here'])
})

test('[R47] a session that says nothing sends no key', async () => {
  const [, , carol] = await room.meet(3)
  carol.transport.close()
  await room.pass(2000)
  expect(room.hub.seen.filter((sent) => kindOf(sent) === MESSAGE_KINDS.key)).toEqual([])
})

test('[R47] is closed to a member that left, with its keys and all bytes of the hub', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await alice.say('to all')
  carol.transport.close()
  await alice.say('to Bob')
  const bytes = room.lastOf(alice)
  expect(bob.heard).toEqual(['to all', 'to Bob'])
  expect(await openUnverified(carol, alice, bytes)).toBe('unknown-key')
  for (const { from, to, payload } of room.hub.seen) {
    if (kindOf({ payload }) !== MESSAGE_KINDS.key || to === carol.self) continue
    expect(await carol.sealer.open(from, payload)).toMatchObject({ type: 'dropped' })
  }
})

test('[R47] is closed to a newcomer, as far as it was said before', async () => {
  const [alice, bob] = await room.meet(2)
  await alice.say('before')
  const before = room.lastOf(alice)
  await room.pass(1000)
  const carol = await room.join()
  await room.flush()
  await alice.say('after')
  expect([bob.heard, carol.heard]).toEqual([['before', 'after'], ['after']])
  expect(await openUnverified(carol, alice, before)).toBe('unknown-key')
  expect(await openUnverified(carol, alice, room.lastOf(alice))).toBe('opened')
})

test('[R48] waits until the newcomer has met those whom the hub named', async () => {
  const [alice, bob] = await room.meet(2)
  const carol = await room.join()
  void carol.messages.broadcast(MESSAGE_KINDS.chat, text('early')).sent
  await room.settle()
  expect(room.hub.queue.some((sent) => kindOf(sent) === MESSAGE_KINDS.chat)).toBe(false)
  await room.flush()
  expect([alice.heard, bob.heard]).toEqual([['early'], ['early']])
  expect(carol.ownKeys.epoch).toBe(0n)
})

test('[R48] waits 250 ms at most', async () => {
  const alice = await room.join()
  alice.transport.close()
  const bob = await room.join()
  void bob.messages.broadcast(MESSAGE_KINDS.chat, text('nobody is here')).sent
  await room.flush()
  expect(room.said).toEqual([])
  await room.pass(300)
})

test('[R50] waits for a change of the key, a second after the one before', async () => {
  const [alice, bob] = await room.meet(2)
  await alice.say('0')
  for (let n = 1; n <= 5; n += 1) {
    await room.join()
    await room.flush()
    void alice.messages.broadcast(MESSAGE_KINDS.chat, text(String(n))).sent
    await room.flush()
  }
  expect(bob.heard).toEqual(['0', '1'])
  await room.pass(1000)
  expect(bob.heard).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(alice.ownKeys.epoch).toBe(2n)
  for (const { heard } of room.members.slice(2)) expect(heard.at(-1)).toBe('5')
})

test('[R51] the key changes by itself after so many messages', async () => {
  const [alice, bob] = [await room.join({ messages: 2 }), await room.join()]
  await room.flush()
  for (const said of ['1', '2', '3']) await alice.say(said)
  expect(bob.heard).toEqual(['1', '2', '3'])
  expect(alice.ownKeys.epoch).toBe(2n ** 32n + 1n)
})
