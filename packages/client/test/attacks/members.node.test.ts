/** A member against other members, with the link, the keys that she is given, all bytes, and the hub's help. */
import { type SharedKeySource, decodeEnvelopeHeader } from '@conclave/e2ee'
import { createSessionKeys, sealIntroduction, signRoomMessage } from '@conclave/e2ee/session'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MESSAGE_KINDS, encodeBody } from '../../src/messages/bodies.ts'
import type { Room } from '../../src/index.ts'
import { namesIn } from '../admission/governed-room.ts'
import { createForger } from '../messages/session-parts.ts'
import { TestTrack, streamOf } from '../support.ts'
import {
  type HostileRoom,
  type Mallory,
  hostileRoom,
  isToRoom,
  mediaOf,
  textsIn,
} from './hostile-room.ts'

let place: HostileRoom
let alice: Room
let bob: Room

beforeEach(async () => {
  place = await hostileRoom()
  ;[alice, bob] = [await place.join('Alice'), await place.join('Bob')]
})

afterEach(() => place.leave())

async function joinAsMallory(): Promise<Mallory> {
  const mallory = await place.joinAsMallory()
  await place.haveMet(alice, bob, mallory.room)
  return mallory
}

const forgedChat = encodeBody({ text: 'wire the money to Mallory', at: 0 })

test('[C16, R43] T2, direct.senderAuth: a member neither reads nor writes what two others say to each other', async () => {
  const mallory = await joinAsMallory()
  await place.say(alice, 'so that keys travel')
  await place.until(() => textsIn(bob).length === 1)
  const direct = place.hub.seen.filter(
    ({ from, to, payload }) =>
      from === alice.self.id &&
      to === bob.self.id &&
      decodeEnvelopeHeader(payload)?.audience === 'direct',
  )
  expect(direct.length).toBeGreaterThan(1)
  expect(await mallory.reads(direct)).toBe('')
  const at = place.hub.seen.length
  // To Alice she may say what she likes: the hub brings it to Bob, as if Alice had said it to him.
  const signal = encodeBody({ side: 'sender', message: { forged: true } })
  const { keys: roomKeys, room } = place.link
  const sample = direct.at(-1)?.payload ?? new Uint8Array()
  const forger = createForger({ roomKeys, room }, alice.self.id, sample)
  for (let n = 0; n < 100; n += 1) {
    const kind = [MESSAGE_KINDS.hello, MESSAGE_KINDS.signal, MESSAGE_KINDS.key][n % 3] ?? 0
    if (n < 3) await mallory.messages.send(alice.self.id, kind, signal)
    const { bytes } = await forger.seal({ kind, to: bob.self.id }, signal)
    place.play(bob, { from: alice.self.id, payload: bytes })
  }
  for (const { from, payload } of place.hub.seen.slice(at)) {
    if (from === mallory.room.self.id) place.play(bob, { from: alice.self.id, payload })
  }
  await place.pass(2)
  const { dropped } = await bob.stats()
  expect(dropped['other-key']).toBeGreaterThan(20)
  await place.say(alice, 'still here')
  await place.until(() => textsIn(bob).at(-1) === 'still here')
})

test('[R60] T2, messages.senderAuth: a member says nothing in the name of another, who is heard all the same', async () => {
  const mallory = await joinAsMallory()
  await place.say(alice, 'first')
  await place.until(() => textsIn(mallory.room).length === 1 && textsIn(bob).length === 1)
  const sample = place.hub.seen.findLast((said) => said.from === alice.self.id && isToRoom(said))
  const forger = await mallory.forgerOf(alice.self.id, sample?.payload ?? new Uint8Array())
  const session = await createSessionKeys()
  for (let sequence = 0n; sequence < 40n; sequence += 1n) {
    const at = { room: place.link.room, sequence, kind: MESSAGE_KINDS.chat }
    const body = await signRoomMessage(forgedChat, { session, ...at })
    const { bytes } = await forger.seal({ kind: MESSAGE_KINDS.chat }, body)
    place.play(bob, { from: alice.self.id, payload: bytes })
  }
  await place.pass(3)
  expect(textsIn(bob)).toEqual(['first'])
  await place.say(alice, 'the real Alice speaks')
  await place.until(() => textsIn(bob).at(-1) === 'the real Alice speaks')
})

test('[R12, R47, R62] messages.closedToNewcomers, direct.closedToNewcomers: a newcomer with all bytes reads nothing of before', async () => {
  await place.haveMet(alice, bob)
  await place.say(alice, 'before she came')
  await place.until(() => textsIn(bob).length === 1)
  const before = [...place.hub.seen]
  const mallory = await joinAsMallory()
  await place.say(alice, 'now that she is here')
  await place.until(() => textsIn(mallory.room).length === 1)
  for (const said of before) place.play(mallory.room, said)
  await place.pass(5)
  expect(await mallory.reads(before)).not.toContain('before she came')
  expect(textsIn(mallory.room)).toEqual(['now that she is here'])
})

test('[R47] media.closedToNewcomers: a newcomer has the key of no frame from before it came', async () => {
  await place.haveMet(alice, bob)
  await alice.publish(streamOf(new TestTrack('video')))
  mediaOf(alice).emit('e2eeStateChanged', {
    ...{ participant: alice.self.id, source: 'camera', kind: 'video', state: 'EncryptionSuccess' },
  })
  await place.pass(1)
  const { epoch } = mediaOf(alice).context.keys
  const mallory = await joinAsMallory()
  await place.until(() => mallory.opensFramesOf(alice))
  expect(await mallory.opensFramesOf(alice, epoch)).toBe(false)
})

describe('[C2, C14, R44] T2, T3: who takes the id of another in a blackout, with the hub,', () => {
  test('messages.memberAuth, direct.memberAuth: speaks for nobody, and the other comes back', async () => {
    const mallory = await joinAsMallory()
    await place.say(alice, 'I am Alice')
    await place.until(() => [bob, mallory.room].every((room) => textsIn(room).length === 1))
    const recorded = place.hub.seen.filter(({ from }) => from === alice.self.id)
    const lost = place.transports.get(alice.self.id)
    lost?.lose()
    const stolen = place.hub.transport(alice.self.id)
    await stolen.open()
    await introduceAs(alice, { to: bob, root: place.link.keys })
    for (const { payload } of recorded) place.play(bob, { from: alice.self.id, payload })
    const sample = recorded.findLast((said) => isToRoom(said))
    const forger = await mallory.forgerOf(alice.self.id, sample?.payload ?? new Uint8Array())
    for (let n = 0; n < 40; n += 1) {
      const { bytes } = await forger.seal({ kind: MESSAGE_KINDS.chat }, forgedChat)
      place.play(bob, { from: alice.self.id, payload: bytes })
    }
    await place.pass(10)
    expect([textsIn(bob), namesIn(bob)]).toEqual([['I am Alice'], ['Alice', 'Mallory']])
    stolen.close()
    if (lost !== undefined) place.hub.connect(lost)
    await place.pass(3)
    await place.say(alice, 'I was away')
    await place.until(() => textsIn(bob).at(-1) === 'I was away')
    expect(namesIn(bob)).toEqual(['Alice', 'Mallory'])
  })

  test('media.memberAuth: reads nothing of what is said meanwhile, and is given no key', async () => {
    const mallory = await joinAsMallory()
    for (const room of [alice, bob]) place.tellLeft(room, mallory.room.self.id)
    await place.haveMet(alice, bob)
    place.transports.get(alice.self.id)?.lose()
    const stolen = place.hub.transport(alice.self.id)
    await stolen.open()
    await introduceAs(alice, { to: bob, root: place.link.keys })
    const at = place.hub.seen.length
    bob.setName('Bob, who waits for Alice')
    await bob.publish(streamOf(new TestTrack('video')))
    await place.say(bob, 'are you there, Alice?')
    await place.pass(10)
    const toHer = place.newSince(at).filter(({ to }) => to === alice.self.id)
    expect(toHer.length).toBeGreaterThan(0)
    expect(await mallory.reads(toHer)).toBe('')
    expect(await mallory.opensFramesOf(bob)).toBe(false)
  })
})

test('[R91] messages.memberAuth, media.memberAuth: a member between two others, with the hub, shows in the room code', async () => {
  const [asBob, asAlice] = [await place.join('Bob'), await place.join('Alice')]
  const sides = [
    [alice, asBob],
    [bob, asAlice],
  ].map((side) => side.map(({ self }) => self.id))
  place.passes = ({ from, to }) => sides.some((side) => side.includes(from) && side.includes(to))
  for (const [side, others] of [sides, sides.toReversed()].map(([one, other]) => [one, other])) {
    for (const room of [alice, bob, asBob, asAlice]) {
      if (side?.includes(room.self.id)) for (const id of others ?? []) place.tellLeft(room, id)
    }
  }
  await place.until(() =>
    [alice, bob, asBob, asAlice].every(({ snapshot }) => snapshot.code.state === 'ready'),
  )
  expect([namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice']])
  const codes = [alice, asBob, bob, asAlice].map(({ snapshot }) => snapshot.code)
  expect(codes[0]).toEqual(codes[1])
  expect(codes[2]).toEqual(codes[3])
  expect(codes[0]).not.toEqual(codes[2])
})

/** Introduces a session under the id of another one, with fresh keys and the root that every member holds. */
async function introduceAs(
  victim: Room,
  { to, root }: { readonly to: Room; readonly root: SharedKeySource },
): Promise<void> {
  const fresh = await createSessionKeys()
  const session = new Proxy(fresh, {
    get(target, name) {
      if (name === 'id') return victim.self.id
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const { bytes } = await sealIntroduction(
    { status: 'asks', wantsAnswer: true, name: victim.self.name },
    { root, session, room: place.link.room, recipient: to.self.id },
  )
  place.play(to, { from: victim.self.id, payload: bytes })
}
