/** A former member with the link, every key that she was given, and a hub that does what she likes. */
import { decodeEnvelopeHeader, randomParticipantId } from '@conclave/e2ee'
import { openIntroduction } from '@conclave/e2ee/session'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import type { Delivery } from '../../src/testing/index.ts'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { messagesOf, namesIn } from '../admission/governed-room.ts'
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
let mallory: Mallory

beforeEach(async () => {
  place = await hostileRoom()
  ;[alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  mallory = await place.joinAsMallory()
  await place.haveMet(alice, bob, mallory.room)
})

afterEach(() => place.leave())

/** The hub says that she left. She goes on listening, and the hub brings her everything. */
async function leaveAndListen(): Promise<void> {
  for (const room of [alice, bob]) place.tellLeft(room, mallory.room.self.id)
  await place.until(() => namesIn(alice).join() === 'Bob' && namesIn(bob).join() === 'Alice')
  // A message that is being sealed then was said before.
  await Promise.all([alice, bob].map((room) => messagesOf(room).settled()))
}

test('[R46, R52] T3, messages.rekeyOnLeave: who left reads nothing more, with the link, her keys, the hub and all bytes', async () => {
  await place.say(alice, 'while she was here')
  await place.until(() => textsIn(mallory.room).length === 1)
  expect(await mallory.reads(place.hub.seen)).toContain('while she was here')
  await leaveAndListen()
  const at = place.hub.seen.length
  await place.say(alice, 'the password is swordfish')
  await place.say(bob, 'I will remember it')
  alice.setName('Alice of the swordfish')
  await place.until(() => [alice, bob].every((room) => textsIn(room).length === 3))
  const since = place.newSince(at)
  expect(since.some((said) => isToRoom(said))).toBe(true)
  for (const said of since) place.play(mallory.room, said)
  await place.pass(5)
  expect(await mallory.reads(since)).toBe('')
  expect(textsIn(mallory.room)).toEqual(['while she was here'])
  expect(namesIn(mallory.room)).not.toContain('Alice of the swordfish')
  expect([namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice of the swordfish']])
})

test('[R49, R52] T3, media.rekeyOnLeave: who left has the key of no frame that is sealed later', async () => {
  await place.settle(alice.publish(streamOf(new TestTrack('video'))))
  mediaOf(alice).emit('e2eeStateChanged', {
    ...{ participant: alice.self.id, source: 'camera', kind: 'video', state: 'EncryptionSuccess' },
  })
  await place.until(() => mallory.opensFramesOf(alice))
  await leaveAndListen()
  await place.until(async () => !(await mallory.opensFramesOf(alice)))
  // Bob's camera was off when she left.
  const sent = mediaOf(bob).log.length
  await place.settle(bob.publish(streamOf(new TestTrack('video'))))
  await place.until(() => mediaOf(bob).log.length > sent)
  await place.pass(1)
  for (const room of [alice, bob]) expect(await mallory.opensFramesOf(room)).toBe(false)
  expect(mediaOf(alice).log).toContain(`remove ${mallory.room.self.id}`)
})

test('[R44, R46] T3, direct.rekeyOnLeave: the link and all bytes open nothing for who was never in a roster', async () => {
  await leaveAndListen()
  place.passes = ({ from }) => from !== mallory.room.self.id
  const at = place.hub.seen.length
  const carol = await place.join('Carol')
  await place.until(() => [alice, bob, carol].every(({ participants }) => participants.size === 2))
  await place.say(carol, 'does she hear this?')
  await place.until(() => textsIn(alice).includes('does she hear this?'))
  const since = place.newSince(at)
  expect(await mallory.reads(since)).toBe('')
  for (const said of since) place.play(mallory.room, said)
  await place.pass(5)
  expect([textsIn(mallory.room), namesIn(carol)]).toEqual([[], ['Alice', 'Bob']])
})

test('[C14, R71] the name with which somebody asks to come in is open to everyone who has the link, and nothing else is', async () => {
  await leaveAndListen()
  const at = place.hub.seen.length
  await place.join('Carol')
  await place.until(() => alice.participants.size === 2)
  const { room, keys: root } = place.link
  const opened = await Promise.all(
    place.hub.seen
      .slice(at)
      .map(({ from, to, payload }) =>
        openIntroduction(payload, { root, room, sender: from, self: to }),
      ),
  )
  const names = opened.map((said) => (said.type === 'opened' ? said.name : ''))
  expect(new Set(names)).toEqual(new Set(['', 'Carol']))
  expect(await mallory.reads(place.newSince(at))).toBe('')
})

test('[R13, R52, R65] T3: a hub that says that she is here again gets her the names, as for anyone who may come in, and no word of what is said', async () => {
  place.passes = ({ from }) => from !== mallory.room.self.id
  await leaveAndListen()
  alice.setName('Alma')
  for (const room of [alice, bob]) place.tellJoined(room, mallory.room.self.id)
  await place.until(() => namesIn(mallory.room).includes('Alma'))
  const at = place.hub.seen.length
  await place.say(alice, 'the password is swordfish')
  await place.until(() => textsIn(bob).length === 1)
  const since = place.newSince(at)
  for (const said of since) place.play(mallory.room, said)
  await place.pass(5)
  expect(textsIn(mallory.room)).toEqual([])
  expect(await mallory.reads(since)).toBe('')
  expect([namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alma']])
})

test('[R14] T3: a hub that hides a leave leaves the participant in the roster, where it shows', async () => {
  place.tellLeft(alice, mallory.room.self.id)
  await place.until(() => namesIn(alice).join() === 'Bob')
  const at = place.hub.seen.length
  await place.say(bob, 'Bob sees her')
  await place.say(alice, 'Alice does not')
  await place.until(() => textsIn(bob).length === 2)
  await place.pass(5)
  expect(namesIn(bob)).toEqual(['Alice', 'Mallory'])
  const heard = await mallory.reads(place.newSince(at))
  expect(heard).toContain('Bob sees her')
  expect(heard).not.toContain('Alice does not')
})

test('[R97, R98] messages.rekeyOnLeave: where members repeat the chat, who left hears it from one that the hub told nothing', async () => {
  expect(bob.properties().messages.rekeyOnLeave.holds).toBe('yes')
  const owner = await place.joinAsOwner('Owner')
  await place.settle(owner.authority.setHistory('call'))
  await place.until(() => bob.snapshot.authority.history === 'call')
  place.tellLeft(alice, mallory.room.self.id)
  await place.until(() => !namesIn(alice).includes('Mallory'))
  await place.say(alice, 'not for Mallory')
  await place.until(() => textsIn(bob).length === 1)
  const again = await place.join('Mallory')
  await place.until(() => textsIn(again).includes('not for Mallory'))
  const { holds, because } = bob.properties().messages.rekeyOnLeave
  expect([holds, because]).toEqual(['no', ['members-repeat-chat']])
})

test('[R59] T3: who was not given a new root neither reads nor speaks, and the old link brings her back into no roster', async () => {
  for (const room of [alice, bob]) room.keys.setKey(new Uint8Array(32).fill(5).with(0, 1), 1n)
  await place.until(() => namesIn(alice).join() === 'Bob' && namesIn(bob).join() === 'Alice')
  await place.pass(11)
  const at = place.hub.seen.length
  await place.say(alice, 'secret of the new epoch')
  mallory.room.chat.send('I am still here').catch(() => {})
  mallory.room.setName('Bob')
  await place.until(() => textsIn(bob).length === 1)
  const again = await place.join('Mallory again')
  again.chat.send('and once more, as a new session').catch(() => {})
  for (const said of place.newSince(at)) place.play(mallory.room, said)
  await place.pass(10)
  expect([namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice']])
  expect([textsIn(alice), textsIn(bob)]).toEqual(Array(2).fill(['secret of the new epoch']))
  expect(await mallory.reads(place.newSince(at))).not.toContain('secret')
  expect(textsIn(again)).not.toContain('secret of the new epoch')
})

test('[R58] T3: nothing brings her back after so many invented sessions that she is forgotten, but her own answer', async () => {
  const { id } = mallory.room.self
  const her = place.transports.get(id)
  if (her === undefined) throw new Error('expected her transport')
  // The hub keeps a hello back that she says before she leaves.
  const hers = (): readonly Delivery[] =>
    place.hub.seen.filter(({ from, to }) => from === id && to === alice.self.id)
  const isHello = ({ payload }: Delivery): boolean =>
    decodeEnvelopeHeader(payload)?.kind === MESSAGE_KINDS.hello
  const before = hers().filter((said) => isHello(said)).length
  place.passes = ({ from, to }) => from !== id || to !== alice.self.id
  her.lose()
  place.hub.connect(her)
  await place.until(() => hers().filter((said) => isHello(said)).length > before)
  const recorded = hers()
  await leaveAndListen()
  const others = Array.from({ length: 1023 }, randomParticipantId)
  for (const other of others) place.tellJoined(alice, other)
  for (const other of others) place.tellLeft(alice, other)
  place.tellJoined(alice, id)
  for (const message of recorded) {
    place.play(alice, message)
    await place.pass(0.1)
  }
  await place.pass(5)
  expect(namesIn(alice)).toEqual(['Bob'])
  place.passes = () => true
  await place.until(() => namesIn(alice).join() === 'Bob,Mallory')
})
