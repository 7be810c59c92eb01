import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { memoryPersons } from '../persons/memory-storage.ts'
import { localRoom } from '../support.ts'
import { type GovernedRoom, askingIn, governedRoom, namesIn, standingOf } from './governed-room.ts'

let place: GovernedRoom

beforeEach(async () => {
  place = await governedRoom()
})

afterEach(() => place.leave())

const haveMet = (...rooms: readonly Room[]): Promise<void> =>
  place.until(() => rooms.every((room) => room.participants.size === rooms.length - 1))

test('[R70, R71] under the rule open every client admits by itself', async () => {
  const alice = await place.joinAsOwner('Alice')
  expect(standingOf(alice)).toBe('admitted')
  const bob = await place.join('Bob')
  expect(standingOf(bob)).toBe('asking')
  await haveMet(alice, bob)
  expect([standingOf(bob), alice.authority.role, bob.authority.role]).toEqual([
    ...['admitted', 'owner', undefined],
  ])
})

describe('[R70] room.admission: under the rule ask', () => {
  test('[R71] a host who comes later sees who waits already, and lets them in', async () => {
    const alice = await place.joinAsOwner('Alice')
    const persons = memoryPersons()
    const before = await place.join('Bob', { persons })
    await haveMet(alice, before)
    await alice.authority.setHost(before.self.id)
    await alice.authority.setRule('ask')
    await place.until(() => before.snapshot.authority.rule === 'ask')
    await before.leave()
    const carol = await place.join('Carol')
    await place.until(() => standingOf(carol) === 'waiting')
    const bob = await place.join('Bob', { persons })
    await place.until(() => bob.snapshot.authority.role === 'host' && askingIn(bob).length === 1)
    await bob.authority.admit(carol.self.id)
    await haveMet(alice, bob, carol)
    expect(askingIn(bob)).toEqual([])
  })

  test('a newcomer waits, gets nothing but introductions, and is let in by the owner', async () => {
    const alice = await place.joinAsOwner('Alice')
    const bob = await place.join('Bob')
    await haveMet(alice, bob)
    await alice.authority.setRule('ask')
    await place.until(() => bob.snapshot.authority.rule === 'ask')
    // They have nothing more to say to the room.
    await place.until(
      () => alice.snapshot.code.state === 'ready' && bob.snapshot.code.state === 'ready',
    )
    const before = place.hub.seen.length
    const asked: string[] = []
    alice.on('asks', ({ name }) => asked.push(name))
    const carol = await place.join('Carol')
    await place.until(() => standingOf(carol) === 'waiting' && askingIn(bob).includes('Carol'))
    await place.pass(20)
    expect([askingIn(alice), asked, namesIn(carol), namesIn(alice), namesIn(bob)]).toEqual([
      ...[['Carol'], ['Carol'], [], ['Bob'], ['Alice']],
    ])
    await expect(carol.chat.send('hello')).rejects.toMatchObject({
      code: 'ERR_CLIENT_NOT_ADMITTED',
    })
    const kinds = place.hub.seen
      .slice(before)
      .filter(({ from, to }) => from === carol.self.id || to === carol.self.id)
      .map(({ payload }) => payload[0])
    expect(new Set(kinds)).toEqual(new Set([3]))
    await expect(bob.authority.admit(carol.self.id)).rejects.toMatchObject({
      code: 'ERR_CLIENT_NOT_PERMITTED',
    })
    await alice.authority.admit(carol.self.id)
    await haveMet(alice, bob, carol)
    expect([standingOf(carol), askingIn(alice), askingIn(bob)]).toEqual(['admitted', [], []])
    await place.until(() => carol.snapshot.authority.rule === 'ask')
    await place.settle(carol.chat.send('hello'))
    await place.until(() => bob.chat.messages.length === 1 && alice.chat.messages.length === 1)
  })

  test('[R71] those who wait do not meet each other', async () => {
    const alice = await place.joinAsOwner('Alice')
    await alice.authority.setRule('ask')
    const [bob, carol] = [await place.join('Bob'), await place.join('Carol')]
    await place.until(() => askingIn(alice).length === 2)
    await place.pass(20)
    expect([bob, carol].map((room) => [standingOf(room), namesIn(room)])).toEqual([
      ['waiting', []],
      ['waiting', []],
    ])
    // Nobody is left who could let them in: the room is theirs.
    await alice.leave()
    await haveMet(bob, carol)
  })

  test('[R74, R76] a refused session stays out and ends, and asks no more', async () => {
    const alice = await place.joinAsOwner('Alice')
    const bob = await place.join('Bob')
    await haveMet(alice, bob)
    await alice.authority.setRule('ask')
    const carol = await place.join('Carol')
    await place.until(() => askingIn(alice).length === 1 && askingIn(bob).length === 1)
    await alice.authority.refuse(carol.self.id)
    await place.until(() => standingOf(carol) === 'refused')
    await place.pass(12)
    expect([standingOf(carol), askingIn(alice), askingIn(bob), namesIn(carol)]).toEqual([
      ...['refused', [], [], []],
    ])
  })

  test('[R74] a person that was let in comes back after a reload without asking', async () => {
    const alice = await place.joinAsOwner('Alice')
    await alice.authority.setRule('ask')
    const persons = memoryPersons()
    const first = await place.join('Bob', { persons })
    await place.until(() => askingIn(alice).length === 1)
    await alice.authority.admit(first.self.id)
    await haveMet(alice, first)
    await first.leave()
    const again = await place.join('Bob', { persons })
    await haveMet(alice, again)
    await alice.authority.remove(again.self.id)
    await place.until(() => again.state === 'left')
    expect((await again.closed).reason).toBe('removed')
    const third = await place.join('Bob', { persons })
    await place.until(() => standingOf(third) === 'waiting')
  })
})

test('[R70, R72] room.admission: under the rule locked nobody comes in, and those who are there stay', async () => {
  const alice = await place.joinAsOwner('Alice')
  const bob = await place.join('Bob')
  await haveMet(alice, bob)
  await alice.authority.setRule('locked')
  const carol = await place.join('Carol')
  await place.until(() => standingOf(carol) === 'refused')
  await place.pass(10)
  expect([namesIn(alice), namesIn(bob), askingIn(alice)]).toEqual([['Bob'], ['Alice'], []])
  await expect(alice.authority.admit(carol.self.id)).rejects.toMatchObject({
    code: 'ERR_CLIENT_NOT_PERMITTED',
  })
  await alice.authority.setRule('open')
  await haveMet(alice, bob, carol)
})

test('[R72] a removed participant leaves every roster, hears of it, and what is said then is closed to it', async () => {
  const alice = await place.joinAsOwner('Alice')
  const [bob, carol] = [await place.join('Bob'), await place.join('Carol')]
  await haveMet(alice, bob, carol)
  const removed: string[] = []
  alice.on('removed', ({ participant }) => removed.push(participant.name))
  await alice.authority.remove(carol.self.id)
  await place.until(() => carol.state === 'left')
  expect((await carol.closed).reason).toBe('removed')
  await place.until(() => namesIn(alice).join() === 'Bob' && namesIn(bob).join() === 'Alice')
  expect(removed).toEqual(['Carol'])
})

test('[R76, U10] a host lets in and puts out, until the owner takes its place away', async () => {
  const alice = await place.joinAsOwner('Alice')
  const bob = await place.join('Bob')
  await haveMet(alice, bob)
  await alice.authority.setHost(bob.self.id)
  await alice.authority.setRule('ask')
  await place.until(() => bob.authority.role === 'host')
  expect(alice.snapshot.authority.hosts).toEqual([bob.self.id])
  const carol = await place.join('Carol')
  await place.until(() => askingIn(bob).length === 1)
  await bob.authority.admit(carol.self.id)
  await haveMet(alice, bob, carol)
  await expect(bob.authority.setRule('open')).rejects.toMatchObject({
    code: 'ERR_CLIENT_NOT_PERMITTED',
  })
  await alice.authority.setHost(bob.self.id, { isHost: false })
  await place.until(() => bob.authority.role === undefined)
  expect(alice.snapshot.authority.hosts).toEqual([])
  // The owner admitted those who were there: nobody loses a place with the host who admitted it.
  await place.pass(10)
  expect([namesIn(alice), namesIn(bob), namesIn(carol)]).toEqual([
    ['Bob', 'Carol'],
    ['Alice', 'Carol'],
    ['Alice', 'Bob'],
  ])
})

test('[R70, U7] after the end of the invitation the link lets nobody in, and those who are there stay', async () => {
  const alice = await place.joinAsOwner('Alice')
  const bob = await place.join('Bob')
  await haveMet(alice, bob)
  const changes: unknown[] = []
  bob.on('ruleChanged', (change) => changes.push(change))
  await alice.authority.endInvitation()
  await place.until(() => changes.length === 1)
  expect(changes).toEqual([{ rule: 'open', isInvitationEnded: true }])
  const carol = await place.join('Carol')
  await place.until(() => standingOf(carol) === 'refused')
  await place.pass(5)
  expect([namesIn(alice), namesIn(bob)]).toEqual([['Bob'], ['Alice']])
})

test('[R76] the owner on another device comes in under every rule, and is obeyed', async () => {
  const alice = await place.joinAsOwner('Alice')
  const bob = await place.join('Bob')
  await haveMet(alice, bob)
  await alice.authority.setRule('locked')
  await place.until(() => bob.snapshot.authority.rule === 'locked')
  await alice.leave()
  const phone = await place.joinAsOwner('Phone')
  await haveMet(bob, phone)
  await place.until(() => phone.snapshot.authority.rule === 'locked')
  place.clock.advance(10)
  await phone.authority.setRule('open')
  await place.until(() => bob.snapshot.authority.rule === 'open')
  expect(phone.authority.role).toBe('owner')
})

test('[R76] in a room without an owner nobody sets a rule, and wrong keys are no owner', async () => {
  const other = await localRoom()
  const room = await other.join('Alice')
  expect(standingOf(room)).toBe('admitted')
  for (const act of [
    () => room.authority.setRule('ask'),
    () => room.authority.remove(room.self.id),
    () => room.authority.endInvitation(),
  ]) {
    await expect(act()).rejects.toMatchObject({ code: 'ERR_CLIENT_NOT_PERMITTED' })
  }
  await expect(other.join('Bob', { owner: place.owner })).rejects.toMatchObject({
    code: 'ERR_CLIENT_ARGUMENT',
    details: { argument: 'owner' },
  })
  await other.leave()
})

test('[R24] the authority is another immutable value after each change of it, and only then', async () => {
  const alice = await place.joinAsOwner('Alice')
  const { authority } = alice.snapshot
  const bob = await place.join('Bob')
  await haveMet(alice, bob)
  expect(alice.snapshot.authority).toBe(authority)
  await alice.authority.setRule('ask')
  const asks = alice.snapshot.authority
  expect([asks === authority, authority.rule, asks.rule]).toEqual([false, 'open', 'ask'])
  await place.join('Carol')
  await place.until(() => askingIn(alice).length === 1)
  expect([asks.asking, alice.snapshot.authority === asks]).toEqual([[], false])
  const { asking } = alice.snapshot.authority
  for (const part of [alice.snapshot.authority, asking, asking[0]]) {
    expect(Object.isFrozen(part)).toBe(true)
  }
})
