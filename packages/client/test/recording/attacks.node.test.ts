/** A member, and a hub, against the announcement of a recording. */
import { signRoomMessage, createSessionKeys } from '@conclave/e2ee/session'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { MESSAGE_KINDS, encodeBody } from '../../src/messages/bodies.ts'
import { type HostileRoom, hostileRoom, isToRoom, textsIn } from '../attacks/hostile-room.ts'

let place: HostileRoom
let alice: Room
let bob: Room

beforeEach(async () => {
  place = await hostileRoom()
  ;[alice, bob] = [await place.join('Alice'), await place.join('Bob')]
})

afterEach(() => place.leave())

const recordsIn = (room: Room): readonly string[] =>
  [...room.participants.values()]
    .filter(({ recordingSince }) => recordingSince !== undefined)
    .map(({ name }) => name)

test('[Q1, R60] a member announces no recording in the name of another, and ends none', async () => {
  const mallory = await place.joinAsMallory()
  await place.haveMet(alice, bob, mallory.room)
  await place.say(alice, 'first')
  await place.until(() => textsIn(mallory.room).length === 1 && textsIn(bob).length === 1)
  const sample = place.hub.seen.findLast((said) => said.from === alice.self.id && isToRoom(said))
  const forger = await mallory.forgerOf(alice.self.id, sample?.payload ?? new Uint8Array())
  const session = await createSessionKeys()
  const forge = async (info: object): Promise<void> => {
    for (let sequence = 0n; sequence < 20n; sequence += 1n) {
      const at = { room: place.link.room, sequence, kind: MESSAGE_KINDS.state }
      const body = await signRoomMessage(encodeBody(info), { session, ...at })
      const { bytes } = await forger.seal({ kind: MESSAGE_KINDS.state }, body)
      place.play(bob, { from: alice.self.id, payload: bytes })
    }
    await place.pass(2)
  }
  await forge({ name: 'Alice', published: {}, recording: 1 })
  expect(recordsIn(bob)).toEqual([])
  await place.settle(alice.announceRecording())
  await place.until(() => recordsIn(bob).length === 1)
  await forge({ name: 'Alice', published: {} })
  expect(recordsIn(bob)).toEqual(['Alice'])
})

test('[Q3] a hub that keeps the announcement from somebody does not make it known to him', async () => {
  await place.haveMet(alice, bob)
  place.passes = ({ from }) => from !== alice.self.id
  const announcement = await place.settle(alice.announceRecording())
  await place.pass(5)
  // The hub took it over; Bob confirms nothing that did not come.
  expect(recordsIn(bob)).toEqual([])
  expect(announcement.isKnownTo(bob.self.id)).toBe(false)
  place.passes = () => true
  await place.until(() => announcement.isKnownTo(bob.self.id))
  expect(recordsIn(bob)).toEqual(['Alice'])
  await place.settle(announcement.end())
  expect(announcement.isKnownTo(bob.self.id)).toBe(false)
})

test('[Q3] a newcomer knows of it once it has confirmed, and nobody who left does', async () => {
  await place.haveMet(alice, bob)
  const announcement = await place.settle(alice.announceRecording())
  const carol = await place.join('Carol')
  expect(announcement.isKnownTo(carol.self.id)).toBe(false)
  await place.until(() => announcement.isKnownTo(carol.self.id))
  expect(recordsIn(carol)).toEqual(['Alice'])
  await place.settle(carol.leave())
  await place.until(() => alice.participants.size === 1)
  expect(announcement.isKnownTo(carol.self.id)).toBe(false)
})

test('[Q2] a session that is not let in announces nothing', async () => {
  const owner = await place.joinAsOwner('Olga')
  await place.haveMet(alice, bob, owner)
  await place.settle(owner.authority.setRule('ask'))
  const carol = await place.join('Carol')
  await expect(carol.announceRecording()).rejects.toMatchObject({ code: 'ERR_CLIENT_NOT_ADMITTED' })
  await place.until(() => carol.snapshot.authority.standing === 'waiting')
  await expect(carol.announceRecording()).rejects.toMatchObject({ code: 'ERR_CLIENT_NOT_ADMITTED' })
  expect(recordsIn(alice)).toEqual([])
})

test('[Q1, Q5] malformed announcements and keys are dropped', async () => {
  const mallory = await place.joinAsMallory()
  await place.haveMet(alice, bob, mallory.room)
  for (const recording of [-1, 1.5, '1', null, true, 8.64e15 + 1]) {
    const info = encodeBody({ name: 'Mallory', published: {}, recording })
    await place.settle(mallory.messages.broadcast(MESSAGE_KINDS.state, info).sent)
  }
  const keys: string[] = []
  bob.on('recordingKeyGiven', ({ key }) => keys.push(key))
  for (const body of [
    {},
    { key: '' },
    { key: 1 },
    { key: 'x'.repeat(513) },
    { key: 'k', more: 1 },
  ]) {
    const bytes = encodeBody(body)
    await place.settle(mallory.messages.send(bob.self.id, MESSAGE_KINDS.recordingKey, bytes))
  }
  const body = encodeBody({ key: 'for all' })
  await place.settle(mallory.messages.broadcast(MESSAGE_KINDS.recordingKey, body).sent)
  await place.until(async () => (await bob.stats()).dropped['malformed-body'] === 12)
  expect(recordsIn(bob)).toEqual([])
  expect(keys).toEqual([])
})
