/** Those who were removed, with the owner's old statements, two devices of the owner, and a hub that keeps them apart. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../../src/messages/bodies.ts'
import { encodeStatements } from '../../src/admission/statements-body.ts'
import type { Room } from '../../src/index.ts'
import { messagesOf, namesIn, standingOf } from '../admission/governed-room.ts'
import { type HostileRoom, hostileRoom, textsIn } from './hostile-room.ts'
import { signPolicy } from '@conclave/e2ee/authority'

let place: HostileRoom

beforeEach(async () => {
  place = await hostileRoom()
})

afterEach(() => place.leave())

test('[U7, R72] T3: a removal by one device of the owner holds, whatever the other one, which the hub kept apart, says', async () => {
  const [desk, phone] = [await place.joinAsOwner('Alice'), await place.joinAsOwner('Alice’s phone')]
  const bob = await place.join('Bob')
  const mallory = await place.joinAsMallory()
  await place.haveMet(desk, phone, bob, mallory.room)
  const { id } = mallory.room.self
  // The hub takes the one device away from the other, and from Mallory.
  place.passes = ({ from, to }) => !(from === desk.self.id && [phone.self.id, id].includes(to))
  await desk.authority.remove(id)
  await place.settle(phone.authority.setHistory('call'))
  await phone.authority.setRule('ask')
  await phone.authority.admit(id)
  await place.until(() => bob.snapshot.authority.rule === 'ask')
  await place.pass(5)
  expect(namesIn(bob)).not.toContain('Mallory')
  // She repeats all that the phone ever said for her.
  const at = place.hub.seen.length
  place.passes = () => true
  for (const said of place.hub.seen.slice(0, at)) {
    if (said.from === phone.self.id && said.to === bob.self.id) place.play(bob, said)
  }
  place.tellJoined(bob, id)
  await place.pass(10)
  await place.until(() => [desk, phone, bob].every((room) => !namesIn(room).includes('Mallory')))
  const since = place.hub.seen.length
  await place.say(bob, 'without her')
  await place.until(() => textsIn(phone).includes('without her'))
  expect(await mallory.reads(place.newSince(since))).toBe('')
  // Two devices may have said two things at once: the next word of the owner settles it.
  await desk.authority.setRule('locked')
  await place.until(() =>
    [phone, bob].every(({ snapshot }) => snapshot.authority.rule === 'locked'),
  )
  expect(bob.snapshot.authority.isConflicting).toBe(false)
  const carol = await place.join('Carol')
  await place.until(() => standingOf(carol) === 'refused')
})

test('[U6, R70] T3: old statements of the owner, repeated by a member with the hub, bring nobody in', async () => {
  const alice = await place.joinAsOwner('Alice')
  const [bob, dave] = [await place.join('Bob'), await place.join('Dave')]
  await place.haveMet(alice, bob, dave)
  const { room } = place.link
  const old = {
    rule: 'open',
    history: 'call',
    invitationEnded: false,
    hosts: [],
    removed: [],
  } as const
  const statements = await Promise.all(
    [1, 2, 3].map((number) => signPolicy({ number, ...old }, { owner: place.owner, room })),
  )
  await alice.authority.setRule('ask')
  await alice.authority.endInvitation()
  await place.until(() => [bob, dave].every(({ snapshot }) => snapshot.authority.isInvitationEnded))
  const repeat = (to: Room): Promise<void> =>
    messagesOf(dave).send(
      to.self.id,
      MESSAGE_KINDS.statements,
      encodeStatements({ state: 'A'.repeat(22), statements }),
    )
  await Promise.all([alice, bob].map((to) => repeat(to)))
  const mallory = await place.joinAsMallory()
  await place.pass(10)
  expect([namesIn(alice), namesIn(bob)]).toEqual([
    ['Bob', 'Dave'],
    ['Alice', 'Dave'],
  ])
  const at = place.hub.seen.length
  await place.say(alice, 'for those who are in')
  await place.until(() => textsIn(bob).length === 1)
  expect(await mallory.reads(place.newSince(at))).not.toContain('for those who are in')
})
