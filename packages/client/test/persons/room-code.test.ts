import { VirtualClock } from '@conclave/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Room } from '../../src/index.ts'
import { encodeBody, MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import type { RoomMessages } from '../../src/messages/room-messages.ts'
import { RoomPersons } from '../../src/persons/room-persons.ts'
import { LocalHub } from '../../src/testing/index.ts'
import { ROOM, sessionParts } from '../messages/session-parts.ts'
import { localRoom } from '../support.ts'
import { memoryPersons } from './memory-storage.ts'

let place: Awaited<ReturnType<typeof localRoom>>
let clock: VirtualClock
let rooms: Room[]

beforeEach(async () => {
  place = await localRoom()
  clock = new VirtualClock()
  rooms = []
})

afterEach(async () => {
  await Promise.all(rooms.map((room) => room.leave()))
  await place.leave()
})

/** A session over one of several hubs, which carry one room each for itself. */
const join = async (name: string, hub: LocalHub = place.hub): Promise<Room> => {
  const transport = hub.transport.bind(hub)
  const options = { name, media: false, clock, transport, persons: memoryPersons() }
  const room = await Room.join(place.link, options)
  rooms.push(room)
  return room
}

const codeOf = ({ snapshot: { code } }: Room): string | undefined =>
  code.state === 'ready' ? code.digits : undefined

/** Lets time pass until all of these show a code. */
const compare = async (...compared: readonly Room[]): Promise<(string | undefined)[]> => {
  await expect
    .poll(() => {
      clock.advance(100)
      return compared.every((room) => codeOf(room) !== undefined)
    })
    .toBe(true)
  return compared.map(codeOf)
}

const meet = async (...met: readonly Room[]): Promise<void> => {
  for (const room of met) await expect.poll(() => room.participants.size).toBe(met.length - 1)
}

test('[R91] everybody in a room sees one code, and none when nobody else is there', async () => {
  const alice = await join('Alice')
  expect(alice.snapshot.code).toEqual({ state: 'none' })
  const [bob, carol] = [await join('Bob'), await join('Carol')]
  await meet(alice, bob, carol)
  expect(alice.snapshot.code).toMatchObject({ state: 'pending' })
  const codes = await compare(alice, bob, carol)
  expect(new Set(codes).size).toBe(1)
  await carol.leave()
  await expect.poll(() => alice.snapshot.code.state).toBe('pending')
  const [after, ofBob] = await compare(alice, bob)
  expect(after).toBe(ofBob)
  expect(after).not.toBe(codes[0])
  await bob.leave()
  await expect.poll(() => alice.snapshot.code).toEqual({ state: 'none' })
})

test('[R91] a member in between, to whom the hub shows two halves of a room, is seen by two codes', async () => {
  // Mallory holds the link: she is Bob to Alice and Alice to Bob, and passes on what they say.
  const [toAlice, toBob] = [new LocalHub({ atOnce: true }), new LocalHub({ atOnce: true })]
  const [alice, bob] = [await join('Alice', toAlice), await join('Bob', toBob)]
  const [asBob, asAlice] = [await join('Bob', toAlice), await join('Alice', toBob)]
  asBob.on('chat', ({ message }) => {
    if (!message.own) void asAlice.chat.send(message.text)
  })
  await meet(alice, asBob)
  await meet(bob, asAlice)
  await alice.chat.send('Is it you?')
  await expect.poll(() => bob.chat.messages.at(-1)?.name).toBe('Alice')
  const [ofAlice, ofBob, ...others] = await compare(alice, bob, asBob, asAlice)
  expect(others).toEqual([ofAlice, ofBob])
  expect(ofAlice).not.toBe(ofBob)
})

test('[R91] halves of a room that the hub keeps apart get two codes, and one when they meet', async () => {
  const [here, there] = [new LocalHub({ atOnce: true }), new LocalHub({ atOnce: true })]
  const [alice, bob] = [await join('Alice', here), await join('Bob', here)]
  const [carol, dave] = [await join('Carol', there), await join('Dave', there)]
  await meet(alice, bob)
  await meet(carol, dave)
  const [one, same, other, too] = await compare(alice, bob, carol, dave)
  expect([same, too]).toEqual([one, other])
  expect(one).not.toBe(other)
})

test('[R91] somebody whom only one of two sees keeps the code from both', async () => {
  const [alice, bob] = [await join('Alice'), await join('Bob')]
  await meet(alice, bob)
  await compare(alice, bob)
  const known = new Set([alice.self.id, bob.self.id])
  // The hub brings nothing from Mallory to Bob, or back.
  place.hub.rule = (delivery, deliver) => {
    const isKnown = [delivery.from, delivery.to].every((id) => known.has(id))
    if (isKnown || ![delivery.from, delivery.to].includes(bob.self.id)) deliver(delivery)
  }
  const mallory = await join('Mallory')
  await expect.poll(() => alice.participants.size).toBe(2)
  for (let n = 0; n < 100; n += 1) {
    clock.advance(200)
    await Promise.resolve()
  }
  expect(bob.participants.size).toBe(1)
  expect(codeOf(alice)).toBeUndefined()
  expect(codeOf(mallory)).toBeUndefined()
})

test('[R93] parts of a round that are said to one session only are malformed', async () => {
  const { introductions, keys: root, session, self } = await sessionParts()
  const messages = { on: () => () => {} } as unknown as RoomMessages
  const persons = new RoomPersons({
    ...{ room: ROOM, session, root, messages, introductions, clock },
    ...{ own: undefined, certifying: undefined },
  })
  const body = encodeBody({ roster: 'A'.repeat(22), round: 1, value: 'A'.repeat(43) })
  const answers = (audience: 'room' | 'direct') =>
    [MESSAGE_KINDS.commitment, MESSAGE_KINDS.nonce, MESSAGE_KINDS.chat].map((kind) =>
      persons.receive({ from: self, kind, audience, body }),
    )
  expect(answers('direct')).toEqual([false, false, undefined])
  expect(answers('room')).toEqual([true, true, undefined])
  persons.close()
})
