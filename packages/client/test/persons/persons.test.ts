import { VirtualClock } from '@conclave/base/testing'
import { ParticipantKeySource } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type PersonStorage, Room, type RoomOptions, type RoomProblem } from '../../src/index.ts'
import type { LocalTransport } from '../../src/testing/index.ts'
import { haveMet, localRoom } from '../support.ts'
import { memoryPersons } from './memory-storage.ts'

let place: Awaited<ReturnType<typeof localRoom>>
let transports: LocalTransport[]

beforeEach(async () => {
  place = await localRoom()
  transports = []
})

afterEach(() => place.leave())

const join = (name: string, persons: RoomOptions['persons'], more: RoomOptions = {}) => {
  const transport = (self: ParticipantId): LocalTransport => {
    const made = place.hub.transport(self)
    transports.push(made)
    return made
  }
  return place.join(name, { persons, transport, ...more })
}

const others = (room: Room) => [...room.participants.values()]

test('[R86] all sessions of one browser are one person, to themselves and to others, and other browsers are others', async () => {
  const [browser, other] = [memoryPersons(), memoryPersons()]
  const [alice, tab, bob] = [
    await join('Alice', browser),
    await join('Alice', browser),
    await join('Bob', other),
  ]
  await haveMet([alice, tab, bob])
  expect(alice.self.person).toMatch(/^[\w-]{22}$/)
  expect(tab.self.person).toBe(alice.self.person)
  expect(bob.self.person).not.toBe(alice.self.person)
  expect(others(bob).map(({ person }) => person)).toEqual([alice.self.person, alice.self.person])
  expect(others(alice).map(({ person }) => person)).toEqual([tab.self.person, bob.self.person])
})

test('[R86] a person keeps its id when it comes again, and has another one in another room', async () => {
  const browser = memoryPersons()
  const bob = await join('Bob', false)
  const first = await join('Alice', browser)
  await haveMet([bob, first])
  await first.leave()
  const second = await join('Alice', browser)
  await expect.poll(() => others(bob)[0]?.id).toBe(second.self.id)
  expect(others(bob)[0]?.person).toBe(first.self.person)
  const elsewhere = await localRoom()
  const there = await elsewhere.join('Alice', { persons: browser })
  expect(there.self.person).toBeDefined()
  expect(there.self.person).not.toBe(first.self.person)
  await elsewhere.leave()
})

test('[R85] without a storage, and where participants have their own keys, a session has no person', async () => {
  const alice = await join('Alice', false)
  const bob = await join('Bob', memoryPersons())
  await haveMet([alice, bob])
  expect(alice.self.person).toBeUndefined()
  expect(others(bob)[0]?.person).toBeUndefined()
  const calls: string[] = []
  const keys = (self: ParticipantId): ParticipantKeySource => new ParticipantKeySource(self)
  const room = await Room.join(
    { room: alice.id, keys, hub: (self) => place.hub.transport(self) },
    { media: false, persons: watched(calls) },
  )
  expect(room.self.person).toBeUndefined()
  expect(calls).toEqual([])
  await room.leave()
})

test.each([
  ['throws', () => ({ ...memoryPersons(), read: () => Promise.reject(new Error('quota')) })],
  ['holds something else', () => ({ ...memoryPersons(), read: async () => ({ publicKey: 7 }) })],
  ['takes nothing', () => ({ ...memoryPersons(), add: async () => false })],
])(
  '[R85] a storage that %s is a problem, and the session works without a person',
  async (_, make) => {
    const alice = await join('Alice', make() as PersonStorage)
    const problems: RoomProblem[] = []
    alice.on('problem', (problem) => problems.push(problem))
    await expect.poll(() => problems.map(({ code }) => code)).toEqual(['ERR_CLIENT_PERSON'])
    const bob = await join('Bob', memoryPersons())
    await haveMet([alice, bob])
    expect([alice.self.person, others(bob)[0]?.person]).toEqual([undefined, undefined])
    await alice.chat.send('hello')
    await expect.poll(() => bob.chat.messages.length).toBe(1)
  },
)

test('[R85] a storage that never answers keeps nobody out for more than 3 s', async () => {
  const clock = new VirtualClock()
  let isAsked = false
  const read = (): Promise<never> => {
    isAsked = true
    return new Promise(() => {})
  }
  let isIn = false
  const joining = join('Alice', { ...memoryPersons(), read }, { clock }).then((room) => {
    isIn = true
    return room
  })
  await expect.poll(() => isAsked).toBe(true)
  clock.advance(2999)
  await Promise.resolve()
  expect(isIn).toBe(false)
  clock.advance(1)
  expect((await joining).self.person).toBeUndefined()
})

test('[R87] a session that lost its connection leaves when its person comes again, and nobody else does', async () => {
  const browser = memoryPersons()
  const bob = await join('Bob', memoryPersons())
  const [alice, carol] = [await join('Alice', browser), await join('Carol', memoryPersons())]
  await haveMet([bob, alice, carol])
  transports[1]?.lose()
  transports[2]?.lose()
  expect(bob.participants.size).toBe(2)
  const again = await join('Alice', browser)
  await expect.poll(() => bob.participants.has(again.self.id)).toBe(true)
  expect(bob.participants.has(alice.self.id)).toBe(false)
  expect(bob.participants.has(carol.self.id)).toBe(true)
})

test('[R87] a session whose connection is lost after its person came again leaves at once', async () => {
  const browser = memoryPersons()
  const [bob, alice] = [await join('Bob', memoryPersons()), await join('Alice', browser)]
  const again = await join('Alice', browser)
  await haveMet([bob, alice, again])
  transports[1]?.lose()
  expect([...bob.participants.keys()]).toEqual([again.self.id])
  // The newer of two tabs is waited for.
  await transports[1]?.open()
  await expect.poll(() => bob.participants.size).toBe(2)
  transports[2]?.lose()
  expect(bob.participants.size).toBe(2)
})

function watched(calls: string[]): PersonStorage {
  const storage = memoryPersons()
  return {
    ...storage,
    read: async (room) => {
      calls.push('read')
      return storage.read(room)
    },
  }
}
