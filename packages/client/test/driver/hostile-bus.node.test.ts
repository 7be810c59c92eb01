import { SharedKeySource } from '@conclave/e2ee'
import { createBusSeal, createSessionKeys } from '@conclave/e2ee/session'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type BusMessage, signBusFrame } from '../../src/driver/bus-frame.ts'
import { MAX_BUS_SESSIONS } from '../../src/driver/bus-sessions.ts'
import { BusStand, OTHER_ROOM, ROOM, ROOT, textsOf } from './bus.ts'

async function twoRooms() {
  const bus = new BusStand()
  onTestFinished(() => bus.end())
  const [alice, bob] = [await bus.join('Alice'), await bus.join('Bob')]
  await bus.haveMet()
  return { bus, alice, bob }
}

/** Writes on the bus with the root of the room, as one of its members can. */
async function member(room = ROOM) {
  const seal = await createBusSeal(new SharedKeySource(ROOT), { room })
  const session = await createSessionKeys()
  return {
    seal,
    session,
    text: async (message: BusMessage, to?: typeof session.id) =>
      seal.seal(await signBusFrame(message, { session, room, to })),
  }
}

describe('a hostile bus', () => {
  test('[S65, S66, S67] sees texts that say nothing, on one subject, and no two that are equal', async () => {
    const { bus, alice, bob } = await twoRooms()
    await alice.chat.send('the marker that nobody sees')
    await bus.until(() => textsOf(bob).length === 1)
    await bus.pass(5000)
    const { log } = bus.network
    expect(new Set(log.map(({ namespace }) => namespace.join()))).toHaveLength(1)
    expect(log[0]?.namespace[0]).toMatch(/^[\w-]{22}$/)
    const texts = log.map(({ message }) => message as string)
    expect(new Set(texts)).toHaveLength(texts.length)
    const seen = JSON.stringify(log.map(({ namespace, message }) => [namespace, message]))
    for (const secret of [ROOM, alice.self.id, bob.self.id, 'Alice', 'marker']) {
      expect(seen).not.toContain(secret)
    }
    // Signs of life, receipts, short messages and farewells have one length.
    const lengths = texts.map(({ length }) => length)
    const shortest = Math.min(...lengths)
    expect(lengths.filter((length) => length === shortest).length).toBeGreaterThan(20)
    expect(lengths.every((length) => length % 4 !== 1)).toBe(true)
  })

  test('[S68, S70, S72] repeats, reflects and invents, and nothing of it has an effect', async () => {
    const { bus, alice, bob } = await twoRooms()
    await alice.chat.send('once')
    await bus.until(() => textsOf(bob).length === 1)
    const recorded = bus.network.log.map(({ namespace, message }) => ({ namespace, message }))
    const [{ namespace }] = recorded as [(typeof recorded)[0]]
    const garbage = [null, 7, '', 'x', 'A'.repeat(800), 'A'.repeat(200_000), {}, [], { namespace }]
    for (const message of garbage) bus.network.inject(namespace, message)
    for (let round = 0; round < 3; round += 1) {
      for (const { message } of recorded) bus.network.inject(namespace, message)
    }
    const text = String(recorded.at(-1)?.message)
    const flipped = `${text.slice(0, 100)}AAAA${text.slice(104)}`
    bus.network.inject(namespace, flipped)
    await bus.pass(3000)
    await bob.chat.send('still here')
    await bus.until(() => textsOf(alice).length === 2)
    expect(textsOf(bob)).toEqual(['once', 'still here'])
    expect(textsOf(alice)).toEqual(['once', 'still here'])
    for (const room of bus.rooms) expect(room.participants.size).toBe(1)
    expect((await bob.stats()).dropped['not-authentic']).toBeGreaterThanOrEqual(garbage.length)
  })

  test('[S69] a recorded session is nobody to a newcomer, and costs it nothing that lasts', async () => {
    const { bus, alice, bob } = await twoRooms()
    await bus.during(bob.leave())
    await bus.during(alice.leave())
    const recorded = bus.network.log.map(({ namespace, message }) => ({ namespace, message }))
    const [{ namespace }] = recorded as [(typeof recorded)[0]]
    const carol = await bus.join('Carol')
    for (const { message } of recorded) bus.network.inject(namespace, message)
    const named: string[] = []
    carol.on('participantJoined', ({ participant }) => named.push(participant.id))
    await bus.pass(2000)
    expect(named).toEqual([])
    expect((await carol.stats()).dropped['unknown-sender']).toBeUndefined()
  })

  test('[S66] texts of another room, under the same root, open in neither', async () => {
    const { bus } = await twoRooms()
    const carol = await bus.join('Carol', { room: OTHER_ROOM })
    const dave = await bus.join('Dave', { room: OTHER_ROOM })
    await bus.haveMet([carol, dave])
    const subjects = [...new Set(bus.network.log.map(({ namespace }) => namespace.join()))]
    await carol.chat.send('elsewhere')
    await bus.pass(1000)
    for (const { namespace, message } of [...bus.network.log]) {
      for (const subject of subjects) {
        if (subject !== namespace.join()) bus.network.inject([subject], message)
      }
    }
    await bus.pass(1000)
    expect(subjects).toHaveLength(2)
    for (const [index, room] of bus.rooms.entries()) {
      expect(room.participants.size).toBe(1)
      expect(textsOf(room)).toEqual(index < 2 ? [] : ['elsewhere'])
      expect((await room.stats()).dropped['not-authentic']).toBeGreaterThan(0)
    }
  })
})

describe('a hostile member on the bus', () => {
  test('[S68, S71] says nobody else’s farewell and confirms nobody else’s messages', async () => {
    const { bus, alice, bob } = await twoRooms()
    const mallory = await member()
    const forge = async (message: BusMessage): Promise<void> => {
      const signed = await signBusFrame(message, { session: mallory.session, room: ROOM })
      // Bob's key and Mallory's signature.
      signed.set(bobKey, 1)
      bus.network.inject([mallory.seal.subject], await mallory.seal.seal(signed))
    }
    const bobKey = await signingKeyOf(bus, bob.self.id)
    bus.network.fate = ({ to, from }) => (from === 'Alice' && to === 'Bob' ? 'drop' : 'deliver')
    await alice.chat.send('does Bob have it?')
    await forge({ kind: 'leave' })
    await forge({ kind: 'receipt', sequences: Array.from({ length: 100 }, (_, n) => n) })
    bus.network.inject([mallory.seal.subject], await mallory.text({ kind: 'leave' }))
    await bus.pass(1000)
    expect(alice.participants.size).toBe(1)
    expect(alice.chat.messages[0]?.state).not.toBe('sent')
    bus.network.fate = () => 'deliver'
    await bus.until(() => alice.chat.messages[0]?.state === 'sent')
    expect(textsOf(bob)).toEqual(['does Bob have it?'])
  })

  test('[S69] a thousand sessions of one member take bounded places, and the room goes on', async () => {
    const { bus, alice, bob } = await twoRooms()
    const seal = await createBusSeal(new SharedKeySource(ROOT), { room: ROOM })
    for (let n = 0; n < 4 * MAX_BUS_SESSIONS; n += 1) {
      const session = await createSessionKeys()
      const sign = { session, room: ROOM, to: alice.self.id }
      const frame = await signBusFrame({ kind: 'here', sequence: 1, asks: true }, sign)
      bus.network.inject([seal.subject], await seal.seal(frame))
      if (n % 64 === 0) await bus.pass(20)
    }
    await bus.pass(1000)
    expect((await alice.stats()).dropped['flood']).toBeGreaterThan(0)
    await bob.chat.send('still here')
    await bus.until(() => textsOf(alice).includes('still here'))
    expect(alice.participants.size).toBe(1)
  }, 30_000)
})

/** The signing key with which a session's frames begin, which every member sees. */
async function signingKeyOf(bus: BusStand, id: string): Promise<Uint8Array> {
  const { deriveParticipantId } = await import('@conclave/e2ee/session')
  const seal = await createBusSeal(new SharedKeySource(ROOT), { room: ROOM })
  for (const { message } of bus.network.log) {
    const key = (await seal.open(message))?.slice(1, 33)
    if (key !== undefined && (await deriveParticipantId(key)) === id) return key
  }
  throw new Error('no frame of this session')
}
