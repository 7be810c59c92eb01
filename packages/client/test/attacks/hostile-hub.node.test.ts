/** A hub without any key, which changes, repeats, reorders, reflects, misdirects and invents, and shows each session another view. */
import { randomParticipantId } from '@conclave/e2ee'
import {
  type Delivery,
  Tape,
  createRandom,
  damage,
  delay,
  inTurn,
  invent,
  lose,
  misdirect,
  onlyFor,
  reflect,
  repeat,
} from '@conclave/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { namesIn } from '../admission/governed-room.ts'
import { TestTrack, streamOf } from '../support.ts'
import { type HostileRoom, hostileRoom, textsIn } from './hostile-room.ts'

let place: HostileRoom

beforeEach(async () => {
  place = await hostileRoom()
})

afterEach(() => place.leave())

test('[R8, R10, R60] T2: whatever the hub does with messages, each arrives once, in order, unchanged, or not at all', async () => {
  const random = createRandom(2)
  const rooms = [await place.join('Alice'), await place.join('Bob'), await place.join('Carol')]
  await place.haveMet(...rooms)
  const tape = new Tape<Delivery>()
  const { clock } = place
  let isHostile = true
  place.hub.rule = onlyFor(
    () => isHostile,
    inTurn(
      tape.rule,
      invent((delivery) => [{ ...delivery, payload: damage(delivery.payload, random) }]),
      lose({ share: 0.1, random }),
      repeat({ share: 0.3, random, times: 3 }),
      reflect({ share: 0.3, random }),
      misdirect({ share: 0.3, random, among: () => rooms.map(({ self }) => self.id) }),
      delay({ share: 0.4, random, clock, toMs: 3000 }),
    ),
  )
  const said = new Map<Room, string[]>(rooms.map((room) => [room, []]))
  for (let n = 0; n < 30; n += 1) {
    for (const room of rooms) {
      said.get(room)?.push(`${room.self.name} ${n}`)
      room.chat.send(`${room.self.name} ${n}`).catch(() => {})
    }
    await place.pass(0.2)
  }
  isHostile = false
  tape.play()
  await place.until(() => rooms.every((room) => textsIn(room).length === 90))
  for (const room of rooms) {
    for (const sender of rooms) {
      const heard = room.chat.messages.filter(({ from }) => from === sender.self.id)
      expect(heard.map(({ text }) => text)).toEqual(said.get(sender))
    }
  }
  const dropped = (await rooms[0]?.stats())?.dropped ?? {}
  expect(dropped['not-authentic']).toBeGreaterThan(0)
  expect(dropped['replay']).toBeGreaterThan(0)
})

test('[R11, R58] T2, T3: a recorded session that is played again, whole or in part, says nothing and brings nobody', async () => {
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  const carol = await place.join('Carol')
  await place.haveMet(alice, bob, carol)
  await carol.publish(streamOf(new TestTrack('video')))
  await place.say(carol, 'hello from Carol')
  await place.say(alice, 'hello from Alice')
  await place.until(() => [alice, bob].every((room) => textsIn(room).length === 2))
  await carol.leave()
  await place.haveMet(alice, bob)
  const tape = [...place.hub.seen]
  const ids = [...new Set(tape.map(({ from }) => from))]
  const random = createRandom(3)
  const playAll = async (to: readonly Room[]): Promise<void> => {
    for (const room of to) {
      for (const id of ids) if (id !== room.self.id) place.tellJoined(room, id)
      for (const { from, payload } of tape) {
        place.play(room, { from, payload })
        if (random() < 0.05) await place.pass(0.05)
      }
    }
    await place.pass(5)
  }
  await playAll([alice, bob])
  expect([namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice']])
  expect([textsIn(alice).length, textsIn(bob).length]).toEqual([2, 2])
  // And on another day, in the same room.
  await Promise.all([alice.leave(), bob.leave()])
  const [alma, bert] = [await place.join('Alma'), await place.join('Bert')]
  await place.until(() => namesIn(alma).join() === 'Bert' && namesIn(bert).join() === 'Alma')
  await playAll([alma, bert])
  expect([namesIn(alma), namesIn(bert)]).toEqual([['Bert'], ['Alma']])
  expect([...textsIn(alma), ...textsIn(bert)]).toEqual([])
})

test('[R2, R11] T1, T5: the hub finds no name, no word, no signal and no part of the secret in what it carries', async () => {
  const alice = await place.join('Alice-Kingfisher')
  const bob = await place.join('Bob-Goldfinch')
  await place.haveMet(alice, bob)
  await place.say(alice, 'meet me at the lighthouse')
  await place.until(() => textsIn(bob).length === 1)
  const tape = Buffer.concat(place.hub.seen.map(({ payload }) => payload))
  const secret = place.link.secret.unsafeExport()
  const markers = ['Kingfisher', 'Goldfinch', 'lighthouse', 'published', 'received', 'code'].map(
    (text) => Buffer.from(text),
  )
  const parts = [secret.subarray(0, 16), secret.subarray(16, 32)].map((part) => Buffer.from(part))
  for (const marker of [...markers, ...parts]) {
    expect(tape.includes(marker)).toBe(false)
  }
})

test('[R14, R52, R91] T3: with split views, what is said in each is open to those whom its speaker sees, and no code spans them', async () => {
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  const mallory = await place.joinAsMallory()
  const carol = await place.join('Carol')
  await place.haveMet(alice, bob, carol, mallory.room)
  // Alice and Bob are told that the others left; these are told nothing.
  for (const room of [alice, bob]) {
    for (const gone of [carol, mallory.room]) place.tellLeft(room, gone.self.id)
  }
  await place.haveMet(alice, bob)
  const at = place.hub.seen.length
  await place.say(alice, 'only to Bob')
  await place.until(() => textsIn(bob).length === 1)
  const theirs = new Set([alice, bob].map(({ self }) => self.id))
  const since = place.newSince(at).filter(({ from }) => theirs.has(from))
  for (const said of since) for (const room of [carol, mallory.room]) place.play(room, said)
  await place.pass(5)
  expect([...textsIn(carol), ...textsIn(mallory.room)]).toEqual([])
  expect(await mallory.reads(since)).not.toContain('only to Bob')
  expect(alice.snapshot.code).toEqual(bob.snapshot.code)
  expect(alice.snapshot.code.state).toBe('ready')
  for (const room of [carol, mallory.room]) {
    expect(room.snapshot.code).not.toEqual(alice.snapshot.code)
  }
})

test('[R7, R18] T4: what is not sealed reaches nobody, whoever the hub says that it is from', async () => {
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  await place.haveMet(alice, bob)
  const clear = [
    { text: 'in clear', at: 0 },
    { e2ee: false },
    { type: 'chat', text: 'in clear' },
    { name: 'Eve', published: { camera: true } },
  ].map((value) => new TextEncoder().encode(JSON.stringify(value)))
  for (const from of [alice.self.id, randomParticipantId()]) {
    for (const payload of clear) place.play(bob, { from, payload })
    for (let first = 0; first < 256; first += 1) {
      place.play(bob, { from, payload: new Uint8Array(200).fill(first) })
    }
  }
  await place.pass(3)
  expect([textsIn(bob), namesIn(bob), bob.isE2EEEnabled]).toEqual([[], ['Alice'], true])
})

test('[R14] a hub that named a thousand sessions which do not exist does no harm that lasts: once it is honest, newcomers are seen at once', async () => {
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  await place.haveMet(alice, bob)
  for (let n = 0; n < 1100; n += 1) place.tellJoined(alice, randomParticipantId())
  const carol = await place.join('Carol')
  await place.until(() => namesIn(bob).includes('Carol'))
  await place.pass(2)
  expect(namesIn(alice)).toEqual(['Bob'])
  const lost = place.transports.get(alice.self.id)
  lost?.lose()
  await place.pass(1)
  if (lost !== undefined) place.hub.connect(lost)
  const startMs = place.clock.now()
  await place.haveMet(alice, bob, carol)
  // Far less than those are waited for that were met, and lost.
  expect(place.clock.now() - startMs).toBeLessThan(20_000)
})
