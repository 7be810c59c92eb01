import { beforeEach, expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { openUnverified } from '../messages/session-parts.ts'
import { KeyedRoom, text } from './keyed-room.ts'

let room: KeyedRoom

beforeEach(() => {
  room = new KeyedRoom()
})

test('[R52] without media a participant that left is gone at once', async () => {
  const [alice, bob] = await room.meet(2)
  await alice.say('hello')
  bob.transport.close()
  expect(alice.log.at(-1)).toBe(`left ${bob.self}`)
})

test('[R49, R52] with media it is leaving until the next key is in use, 250 ms later', async () => {
  const [alice, bob, carol] = await room.meet(3)
  alice.messages.ownKeys?.media(true)
  await room.flush()
  alice.messages.ownKeys?.framesSealed(1)
  const before = alice.ownKeys.epoch
  carol.transport.close()
  await room.flush()
  expect(alice.log.at(-1)).toBe(`leaving ${carol.self}`)
  void alice.messages.broadcast(MESSAGE_KINDS.chat, text('meanwhile')).sent
  await room.pass(150)
  expect([alice.ownKeys.epoch, bob.heard]).toEqual([before, []])
  await room.pass(50)
  expect(alice.ownKeys.epoch).toBeGreaterThan(before)
  expect(bob.heard).toEqual(['meanwhile'])
  await room.pass(50)
  expect(alice.log.at(-1)).toBe(`left ${carol.self}`)
  await expect(alice.ownKeys.export('label', new Uint8Array(), 16, before)).rejects.toMatchObject({
    code: 'ERR_E2EE_UNKNOWN_EPOCH',
  })
  expect(await openUnverified(carol, alice, room.lastOf(alice))).toBe('unknown-key')
})

test('[R49] a source is not sent before nobody who left holds the key', async () => {
  const [alice, bob, carol] = await room.meet(3)
  await alice.say('hello')
  carol.transport.close()
  const before = alice.ownKeys.epoch
  const epochs: bigint[] = []
  alice.messages.ownKeys?.media(true)
  alice.messages.ownKeys?.whenClosedToLeavers(() => epochs.push(alice.ownKeys.epoch))
  await room.flush()
  // The worker may still seal under the key before.
  expect(epochs).toHaveLength(0)
  await room.pass(50)
  expect(epochs).toHaveLength(1)
  expect(epochs[0]).toBeGreaterThan(before)
  expect(bob.ownKeys.epochEndingIn(Number(alice.ownKeys.epoch & 255n), alice.self)).toBe(
    alice.ownKeys.epoch,
  )
})

test('[R14] a participant that the hub lost is away, and is given what is said for 90 s', async () => {
  const [alice, bob, carol] = await room.meet(3)
  bob.transport.lose()
  expect(alice.log.at(-1)).toBe(`away ${bob.self}`)
  await alice.say('while Bob is away')
  carol.transport.close()
  await room.pass(1000)
  await alice.say('under another key')
  await room.pass(88_000)
  room.hub.connect(bob.transport)
  await room.flush()
  expect(alice.log.at(-1)).toBe(`present ${bob.self}`)
  expect(bob.heard).toEqual(['while Bob is away', 'under another key'])
})

test('[R53] a participant that comes back later is not given what was said between, and is told how much', async () => {
  const [alice, bob] = await room.meet(2)
  await alice.say('1')
  const missed: unknown[] = []
  bob.messages.on('missed', ({ participant, chat }) => missed.push([participant, chat]))
  bob.transport.lose()
  await alice.say('2')
  await room.pass(90_000)
  await alice.say('3')
  await alice.messages.setInfo({ name: 'no message of the chat', published: {} })?.sent
  await alice.say('4')
  room.hub.connect(bob.transport)
  await room.pass(1500)
  await alice.say('5')
  await room.pass(1500)
  expect(bob.heard).toEqual(['1', '2', '5'])
  expect(bob.dropped['missed']).toBe(3)
  expect(missed).toEqual([[alice.self, 2]])
  expect(bob.dropped['lost']).toBeUndefined()
})

test('[R53] the ranges that a hello names are few, whatever happens', async () => {
  const [alice, bob] = await room.meet(2)
  const away = bob.transport
  for (let n = 0; n < 12; n += 1) {
    await alice.say(`given ${n}`)
    away.lose()
    await room.pass(90_000)
    await alice.say(`not given ${n}`)
    room.isLost = ({ to }) => to === bob.self && n < 11
    room.hub.connect(away)
    await room.pass(1500)
  }
  room.isLost = () => false
  await room.pass(3000)
  await alice.say('now')
  await room.pass(3000)
  expect(bob.heard.at(-1)).toBe('now')
  expect(bob.heard.filter((said) => said.startsWith('not'))).toEqual([])
})

test('[R54] a key that got lost is followed by another one, and what was said under it is missed', async () => {
  const [alice, bob] = await room.meet(2)
  bob.transport.lose()
  await alice.say('under a key that gets lost')
  for (let n = 0; n < 1100; n += 1) {
    await alice.messages.send(bob.self, MESSAGE_KINDS.signal, text(`{"n":${n}}`))
  }
  await room.flush()
  room.hub.connect(bob.transport)
  await room.pass(3000)
  await alice.say('under the next')
  await room.pass(3000)
  expect(bob.heard.filter((said) => !said.startsWith('{'))).toEqual(['under the next'])
  expect(bob.dropped['missed']).toBe(1)
})

test('[R33, R49] a session that ends while its key is to change ends, and what waits is refused', async () => {
  const [alice, , carol] = await room.meet(3)
  alice.messages.ownKeys?.media(true)
  await room.flush()
  alice.messages.ownKeys?.framesSealed(1)
  carol.transport.close()
  const waiting = alice.messages.broadcast(MESSAGE_KINDS.chat, text('too late')).sent
  alice.messages.close()
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
  await alice.messages.settled()
})
