import { generateOwnerKeys, signPolicy } from '@conclave/e2ee/authority'
import { afterEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { memoryPersons } from '../persons/memory-storage.ts'
import { type GovernedRoom, askingIn, governedRoom, namesIn, standingOf } from './governed-room.ts'

let stand: GovernedRoom

afterEach(() => stand.leave())

const viewOf = (room: Room) => {
  const { rule, history, isInvitationEnded, number } = room.snapshot.authority
  return { rule, history, isInvitationEnded, number }
}

test('[R104] an owner who returns to a room that everybody left restores rule, history, hosts and removals', async () => {
  stand = await governedRoom()
  const persons = memoryPersons()
  let alice = await stand.joinAsOwner('Alice')
  let kept: readonly Uint8Array[] = []
  const keep = (room: Room): void => {
    room.on('statementsChanged', () => {
      kept = room.authority.statements()
    })
  }
  keep(alice)
  let bob = await stand.join('Bob', { persons })
  const mallory = await stand.join('Mallory')
  await stand.until(() => namesIn(alice).length === 2)
  await alice.authority.setHistory('call')
  await alice.authority.setHost(bob.self.id)
  await stand.until(() => bob.snapshot.authority.role === 'host')
  // A host removes her: the owner’s own statements do not say so.
  await bob.authority.remove(mallory.self.id)
  await stand.until(() => namesIn(alice).length === 1)
  await alice.authority.setRule('ask')
  const before = viewOf(alice)
  expect(before).toMatchObject({ rule: 'ask', history: 'call' })
  await bob.leave()
  await alice.leave()

  alice = await stand.joinAsOwner('Alice', { statements: kept })
  keep(alice)
  expect(viewOf(alice)).toEqual(before)
  await stand.until(() => standingOf(alice) === 'admitted')
  const carol = await stand.join('Carol')
  await stand.until(() => askingIn(alice).length === 1)
  await stand.until(() => standingOf(carol) === 'waiting')
  // Bob is a host again, without a word of the owner.
  bob = await stand.join('Bob', { persons })
  await stand.until(() => namesIn(alice).length === 1 && bob.snapshot.authority.role === 'host')
  await stand.until(() => askingIn(bob).length === 1)
  await bob.authority.admit(carol.self.id)
  await stand.until(() => namesIn(carol).length === 2)
  await stand.until(() => carol.snapshot.authority.number === before.number)
  expect(viewOf(carol)).toEqual(before)
  // She is removed for every member, also in the session that was never told.
  await expect(bob.authority.admit(mallory.self.id)).resolves.toBeUndefined()
  await stand.pass(2)
  await stand.until(() => namesIn(carol).join() === 'Alice,Bob')
})

test('[R104, U6] statements that somebody kept who is no longer a host give way to those of the owner', async () => {
  stand = await governedRoom()
  const [malloryPersons, alicePersons] = [memoryPersons(), memoryPersons()]
  let alice = await stand.joinAsOwner('Alice', { persons: alicePersons })
  let mallory = await stand.join('Mallory', { persons: malloryPersons })
  await stand.until(() => namesIn(alice).length === 1 && namesIn(mallory).length === 1)
  await alice.authority.setHost(mallory.self.id)
  await stand.until(() => mallory.snapshot.authority.role === 'host')
  const old = mallory.authority.statements()
  await alice.authority.setHost(mallory.self.id, { isHost: false })
  await alice.authority.setRule('ask')
  const kept = alice.authority.statements()
  await stand.until(() => mallory.snapshot.authority.rule === 'ask')
  await mallory.leave()
  await alice.leave()

  // In the empty room mallory is a host by the old statements, and others believe it.
  mallory = await stand.join('Mallory', { persons: malloryPersons, statements: old })
  await stand.until(() => mallory.snapshot.authority.role === 'host')
  const bob = await stand.join('Bob')
  await stand.until(() => bob.snapshot.authority.hosts.length === 1)

  alice = await stand.joinAsOwner('Alice', { persons: alicePersons, statements: kept })
  await stand.until(() => askingIn(alice).length === 2)
  expect(alice.snapshot.authority.hosts).toEqual([])
  await alice.authority.admit(bob.self.id)
  await stand.until(() => bob.snapshot.authority.rule === 'ask')
  expect(bob.snapshot.authority.hosts).toEqual([alice.self.id])
  await alice.authority.admit(mallory.self.id)
  await stand.until(() => mallory.snapshot.authority.role === undefined)
})

test('[R104, U7] an ended invitation stays ended when the owner returns', async () => {
  stand = await governedRoom()
  const alice = await stand.joinAsOwner('Alice')
  await alice.authority.endInvitation()
  const statements = alice.authority.statements()
  await alice.leave()
  const again = await stand.joinAsOwner('Alice', { statements })
  const bob = await stand.join('Bob')
  await stand.until(() => standingOf(bob) === 'refused')
  expect(namesIn(again)).toEqual([])
})

test('[R104, U5] statements of another room or owner, damaged ones and no statements are ignored', async () => {
  stand = await governedRoom()
  const { owner, link } = stand
  const ends = { rule: 'locked', history: 'call', invitationEnded: true } as const
  const policy = { ...ends, number: 9, hosts: [], removed: [] }
  const ours = await signPolicy(policy, { owner, room: link.room })
  const statements = [
    await signPolicy(policy, { owner: await generateOwnerKeys(), room: link.room }),
    await signPolicy(policy, { owner, room: 'AAECAwQFBgcICQoLDA0ODw' as never }),
    ours.with(60, (ours[60] ?? 0) ^ 1),
    new Uint8Array(),
    new Uint8Array(40_000),
  ]
  const alice = await stand.joinAsOwner('Alice', { statements })
  expect(viewOf(alice)).toMatchObject({ rule: 'open', isInvitationEnded: false, number: 0 })
  for (const wrong of [[1], 'statements', Array.from({ length: 8201 }, () => ours)]) {
    await expect(stand.join('Bob', { statements: wrong as never })).rejects.toMatchObject({
      code: 'ERR_CLIENT_ARGUMENT',
    })
  }
})
