import { afterEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { type GovernedRoom, governedRoom, namesIn } from '../admission/governed-room.ts'
import { memoryPersons } from '../persons/memory-storage.ts'

let stand: GovernedRoom

afterEach(() => stand.leave())

const texts = (room: Room): readonly string[] => room.chat.messages.map(({ text }) => text)

/** Alice, who owns the room, and bob, who have talked while the rule was `call`. */
async function talk(): Promise<readonly [Room, Room]> {
  stand = await governedRoom()
  const alice = await stand.joinAsOwner('Alice')
  await alice.authority.setHistory('call')
  const bob = await stand.join('Bob')
  await stand.until(() => namesIn(alice).length === 1 && namesIn(bob).length === 1)
  await stand.until(() => bob.snapshot.authority.history === 'call')
  await alice.chat.send('one')
  await bob.chat.send('two')
  await stand.until(() => texts(alice).length === 2 && texts(bob).length === 2)
  return [alice, bob]
}

test('[R62, R64] a newcomer has the messages of the call, and sees by whom they were told', async () => {
  const [alice, bob] = await talk()
  const told: string[] = []
  const carol = await stand.join('Carol')
  carol.on('historyTold', ({ messages }) => told.push(...messages.map(({ text }) => text)))
  await stand.until(() => texts(carol).length === 2)
  expect(texts(carol).toSorted()).toEqual(['one', 'two'])
  expect(told).toEqual(texts(carol))
  const byText = new Map(carol.chat.messages.map((message) => [message.text, message]))
  expect(byText.get('one')).toMatchObject({ from: alice.self.id, name: 'Alice', own: false })
  expect(byText.get('two')).toMatchObject({ from: bob.self.id, name: 'Bob', state: 'sent' })
  expect([alice.self.id, bob.self.id]).toContain(byText.get('one')?.toldBy)
  await alice.chat.send('three')
  await stand.until(() => texts(carol).length === 3)
  expect(carol.chat.messages.at(-1)).toMatchObject({ text: 'three', toldBy: undefined })
})

test('[R64] after a reload a person has its own messages as its own', async () => {
  await talk()
  const persons = memoryPersons()
  const before = await stand.join('Carol', { persons })
  await stand.until(() => texts(before).length === 2)
  await before.chat.send('mine')
  await stand.until(() => before.chat.messages.at(-1)?.state === 'sent')
  await before.leave()
  const after = await stand.join('Carol', { persons })
  await stand.until(() => texts(after).length === 3)
  const own = after.chat.messages.map((message) => [message.text, message.own])
  expect(Object.fromEntries(own)).toEqual({ one: false, two: false, mine: true })
  expect(after.chat.messages.find(({ own: isOwn }) => isOwn)?.from).toBe(before.self.id)
})

test('[R24] a message that was told stays the same object while others change', async () => {
  const [alice] = await talk()
  const carol = await stand.join('Carol')
  await stand.until(() => texts(carol).length === 2)
  const [first] = carol.chat.messages
  await alice.chat.send('three')
  await stand.until(() => texts(carol).length === 3)
  expect(carol.chat.messages[0]).toBe(first)
  expect(Object.isFrozen(first)).toBe(true)
})

test('[R62] by default nothing is repeated', async () => {
  stand = await governedRoom()
  const alice = await stand.joinAsOwner('Alice')
  await alice.chat.send('before')
  const bob = await stand.join('Bob')
  await stand.until(() => namesIn(bob).length === 1)
  await stand.pass(5)
  expect(texts(bob)).toEqual([])
})
