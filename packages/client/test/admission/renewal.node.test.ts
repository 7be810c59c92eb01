import { randomParticipantId } from '@conclave/e2ee'
import { generateOwnerKeys, signPolicy } from '@conclave/e2ee/authority'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MAX_MET } from '../../src/admission/met-sessions.ts'
import { MET_BEFORE_RENEWAL, REMOVED_BEFORE_RENEWAL } from '../../src/admission/renewal.ts'
import { Room } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/index.ts'
import {
  type GovernedRoom,
  admissionOf,
  governedRoom,
  namesIn,
  standingOf,
} from './governed-room.ts'

let room: GovernedRoom

beforeEach(async () => {
  room = await governedRoom()
})

afterEach(() => room.leave())

/** Counts how often a session says that a new link is due. */
const dueIn = (session: Room): { count: number } => {
  const due = { count: 0 }
  session.on('renewalDue', () => {
    due.count += 1
  })
  return due
}

/** Statements of the owner that removed so many sessions, in an open room. */
const removals = (...counts: readonly number[]): Promise<Uint8Array<ArrayBuffer>[]> =>
  Promise.all(
    counts.map((count, index) => {
      const removed = Array.from({ length: count }, () => randomParticipantId())
      const policy = {
        ...({ number: index + 1, rule: 'open', history: 'none', invitationEnded: false } as const),
        ...{ hosts: [], removed },
      }
      return signPolicy(policy, { owner: room.owner, room: room.link.room })
    }),
  )

/** A session has met so many others as if they had come and gone. */
const meetMany = (session: Room, count: number): void => {
  const { everMet } = admissionOf(session)
  while (everMet.size < count) everMet.add(randomParticipantId())
}

test('[R77, R107] before the removals fill a policy everyone goes on with a new link, and the old one opens nothing', async () => {
  const statements = await removals(REMOVED_BEFORE_RENEWAL)
  const alice = await room.joinAsOwner('Alice', { statements })
  const [bob, carol] = [await room.join('Bob'), await room.join('Carol')]
  const owner = await generateOwnerKeys()
  const paths: string[] = []
  alice.on('renewalDue', () => {
    void alice.authority.newLink(owner).then((path) => paths.push(path))
  })
  for (const member of [bob, carol]) member.on('moved', ({ path }) => paths.push(path))
  await room.until(() => paths.length === 3)
  expect(new Set(paths).size).toBe(1)
  const href = new URL(paths[0] ?? '', 'https://meet.example').href
  expect(href).not.toContain(room.link.room)
  const hub = new LocalHub({ atOnce: true })
  const next = { media: false, clock: room.clock, persons: false } as const
  const moved = await Promise.all(
    ['Alice', 'Bob', 'Carol'].map((name) =>
      Room.join(href, { name, ...next, transport: (self) => hub.transport(self) }),
    ),
  )
  await room.until(() => moved.every(({ participants }) => participants.size === 2))
  const mallory = await room.join('Mallory')
  await room.until(() => standingOf(mallory) === 'refused')
  expect(namesIn(mallory)).toEqual([])
  await room.settle(Promise.all(moved.map((session) => session.leave())))
})

test('[R107] a new link is due from 896 removals on, and not before', async () => {
  const statements = await removals(REMOVED_BEFORE_RENEWAL - 1)
  const alice = await room.joinAsOwner('Alice', { statements })
  const due = dueIn(alice)
  const bob = await room.join('Bob')
  await room.until(() => namesIn(alice).length === 1)
  await room.pass(10)
  expect(due.count).toBe(0)
  await room.settle(alice.authority.remove(bob.self.id))
  await room.pass(10)
  // Nobody is there to be told.
  expect(due.count).toBe(0)
  await room.join('Carol')
  await room.until(() => due.count === 1)
})

test('[R107] a new link is due from 3,584 sessions met on, once a minute until it is made, and only for the owner', async () => {
  const alice = await room.joinAsOwner('Alice')
  const bob = await room.join('Bob')
  await room.until(() => namesIn(alice).length === 1)
  const [due, other] = [dueIn(alice), dueIn(bob)]
  for (const session of [alice, bob]) meetMany(session, MET_BEFORE_RENEWAL - 1)
  await room.join('Carol')
  await room.until(() => due.count === 1)
  await room.pass(61)
  expect([due.count, other.count]).toEqual([2, 0])
  await room.settle(alice.authority.newLink(await generateOwnerKeys()))
  await room.pass(61)
  expect(due.count).toBe(2)
})

test('[R107] of two devices of the owner one makes the new link, and the other only 30 s later', async () => {
  const statements = await removals(REMOVED_BEFORE_RENEWAL)
  const devices = [
    await room.joinAsOwner('Alice', { statements }),
    await room.joinAsOwner('Alice', { statements }),
  ].toSorted((one, other) => (one.self.id < other.self.id ? -1 : 1))
  const [first, second] = devices.map(dueIn) as [{ count: number }, { count: number }]
  await room.until(() => first.count === 1)
  expect(second.count).toBe(0)
  await room.pass(35)
  expect(second.count).toBe(1)
})

test('[R107, U8] a room that is full of removals still moves', async () => {
  const statements = await removals(1000, 1000, 1000, 1000, 1000)
  const alice = await room.joinAsOwner('Alice', { statements })
  expect(alice.snapshot.authority.isFull).toBe(true)
  const problems: string[] = []
  alice.on('problem', ({ code }) => problems.push(code))
  const bob = await room.join('Bob')
  await room.until(() => standingOf(bob) === 'refused')
  expect(problems).toContain('ERR_CLIENT_ROOM_SPENT')
  const path = await room.settle(alice.authority.newLink(await generateOwnerKeys()))
  expect(path).toMatch(/^r\//)
  expect(alice.snapshot.authority.isInvitationEnded).toBe(true)
})

test('[R58, R107] a session that cannot remember more meets nobody new, keeps those whom it met, and says so', async () => {
  const [alice, bob] = [await room.join('Alice'), await room.join('Bob')]
  await room.until(() => namesIn(alice).length === 1)
  const problems: string[] = []
  alice.on('problem', ({ code }) => problems.push(code))
  for (const session of [alice, bob]) meetMany(session, MAX_MET)
  const carol = await room.join('Carol')
  await room.until(() => standingOf(carol) === 'refused')
  await room.pass(5)
  expect([namesIn(alice), namesIn(bob), namesIn(carol)]).toEqual([['Bob'], ['Alice'], []])
  expect(problems).toEqual(['ERR_CLIENT_ROOM_SPENT'])
  expect(alice.snapshot.authority.isFull).toBe(true)
  // Whoever was met may come back.
  const transport = room.transports.get(bob.self.id)
  transport?.lose()
  await room.pass(100)
  expect(namesIn(alice)).toEqual([])
  if (transport !== undefined) room.hub.connect(transport)
  await room.until(() => namesIn(alice).length === 1)
  expect(namesIn(alice)).toEqual(['Bob'])
  // Fresh sessions have met nobody.
  for (const session of [alice, bob]) await room.settle(session.leave())
  const again = await room.join('Alice')
  await room.until(() => namesIn(again).includes('Carol'))
  expect(admissionOf(again).everMet.size).toBe(1)
})
