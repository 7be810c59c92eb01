import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PersonStorage, Room, RoomProblem } from '../../src/index.ts'
import { requireConfirmed } from '../../src/persons/confirmed-persons.ts'
import { haveMet, localRoom } from '../support.ts'
import { memoryPersons } from './memory-storage.ts'

let place: Awaited<ReturnType<typeof localRoom>>

beforeEach(async () => {
  place = await localRoom()
})

afterEach(() => place.leave())

const join = (name: string, persons: PersonStorage | false): Promise<Room> =>
  place.join(name, { persons })

/** The names of the others, with their confirmations. */
const seen = ({ participants }: Room): Record<string, string> =>
  Object.fromEntries(
    [...participants.values()].map(({ name, confirmation }) => [name, confirmation]),
  )

test('[R94] a confirmation holds for all sessions of a person, and after a reload on both sides', async () => {
  const [ofAlice, ofBob] = [memoryPersons(), memoryPersons()]
  const [alice, bob] = [await join('Alice', ofAlice), await join('Bob', ofBob)]
  await haveMet([alice, bob])
  expect(seen(alice)).toEqual({ Bob: 'none' })
  const { snapshot } = alice
  expect(await alice.confirm(bob.self.id)).toBe(true)
  expect(seen(alice)).toEqual({ Bob: 'confirmed' })
  expect(alice.snapshot).not.toBe(snapshot)
  expect(seen(bob)).toEqual({ Alice: 'none' })

  const tab = await join('Bob, in the kitchen', ofBob)
  await haveMet([alice, bob, tab])
  expect(seen(alice)).toEqual({ Bob: 'confirmed', 'Bob, in the kitchen': 'confirmed' })
  await Promise.all([alice.leave(), bob.leave(), tab.leave()])

  const [again, back] = [await join('Alice', ofAlice), await join('Robert', ofBob)]
  await haveMet([again, back])
  expect(seen(again)).toEqual({ Robert: 'confirmed' })
  expect(again.self.confirmation).toBe('none')
})

test('[R94] a confirmation that is taken back is gone, here and in later sessions', async () => {
  const ofAlice = memoryPersons()
  const [alice, bob] = [await join('Alice', ofAlice), await join('Bob', memoryPersons())]
  await haveMet([alice, bob])
  await alice.confirm(bob.self.id)
  expect(await alice.confirm(bob.self.id, false)).toBe(true)
  expect(seen(alice)).toEqual({ Bob: 'none' })
  await alice.leave()
  const again = await join('Alice', ofAlice)
  await haveMet([again, bob])
  expect(seen(again)).toEqual({ Bob: 'none' })
})

test('[R95] another person with the name of a confirmed one is told, until it has another name', async () => {
  const alice = await join('Alice', memoryPersons())
  const bob = await join('Bob Ross', memoryPersons())
  await haveMet([alice, bob])
  await alice.confirm(bob.self.id)
  await bob.leave()
  const mallory = await join('ＢＯＢ  ross', memoryPersons())
  const nobody = await join('bob ross', false)
  await haveMet([alice, mallory, nobody])
  expect(seen(alice)).toEqual({ 'ＢＯＢ  ross': 'other-key', 'bob ross': 'other-key' })
  mallory.setName('Mallory')
  await expect.poll(() => seen(alice)['Mallory']).toBe('none')
  // His new browser, after they compared the code again.
  await alice.confirm(nobody.self.id)
  expect(seen(alice)['bob ross']).toBe('confirmed')
})

test('[R94] a session without a person is confirmed for this session only', async () => {
  const ofAlice = memoryPersons()
  const [alice, bob] = [await join('Alice', ofAlice), await join('Bob', false)]
  await haveMet([alice, bob])
  expect(await alice.confirm(bob.self.id)).toBe(false)
  expect(seen(alice)).toEqual({ Bob: 'confirmed' })
  expect(await bob.confirm(alice.self.id)).toBe(false)
  await alice.leave()
  const again = await join('Alice', ofAlice)
  await haveMet([again, bob])
  expect(seen(again)).toEqual({ Bob: 'none' })
})

test('[R94] a storage that fails is a problem, and the confirmation holds for this session', async () => {
  const changeConfirmed = (): Promise<never> => Promise.reject(new Error('quota'))
  const alice = await join('Alice', { ...memoryPersons(), changeConfirmed })
  const bob = await join('Bob', memoryPersons())
  await haveMet([alice, bob])
  const problems: RoomProblem[] = []
  alice.on('problem', (problem) => problems.push(problem))
  expect(await alice.confirm(bob.self.id)).toBe(false)
  expect(seen(alice)).toEqual({ Bob: 'confirmed' })
  expect(problems.map(({ code }) => code)).toEqual(['ERR_CLIENT_PERSON'])
})

test('[R94] a stored list that is none is not written over', async () => {
  const storage = memoryPersons()
  await storage.changeConfirmed(place.link.room, () => 'something else')
  const alice = await join('Alice', storage)
  expect(alice.self.person).toBeUndefined()
  expect(await storage.readConfirmed(place.link.room)).toBe('something else')
  const person = 'A'.repeat(22)
  const wrong = [
    ...[[7], {}, [{ person }], [{ person, name: 7 }], [{ person: `${person}A`, name: '' }]],
    Array.from({ length: 257 }, () => ({ person, name: '' })),
  ]
  for (const stored of wrong) {
    expect(() => requireConfirmed(stored)).toThrow('something else')
  }
  expect(requireConfirmed(undefined)).toEqual([])
})

test('[R94] at most 256 persons of a room stay confirmed, the newest', async () => {
  const storage = memoryPersons()
  const old = Array.from({ length: 256 }, (_, n) => ({
    person: String(n).padStart(22, 'A'),
    name: `${n}`,
  }))
  await storage.changeConfirmed(place.link.room, () => old)
  const [alice, bob] = [await join('Alice', storage), await join('Bob', memoryPersons())]
  await haveMet([alice, bob])
  expect(await alice.confirm(bob.self.id)).toBe(true)
  const stored = requireConfirmed(await storage.readConfirmed(place.link.room))
  expect(stored).toHaveLength(256)
  expect(stored.at(-1)).toEqual({ person: bob.self.person, name: 'Bob' })
  expect(stored[0]).toEqual(old[1])
})

test('[R94] only a participant who is there can be confirmed', async () => {
  const alice = await join('Alice', memoryPersons())
  for (const wrong of [alice.self.id, 'x', undefined, {}]) {
    await expect(alice.confirm(wrong as never)).rejects.toThrow('"participant" expected')
  }
})
