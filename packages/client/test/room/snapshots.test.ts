import { VirtualClock } from '@conclave/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Room, RoomSnapshot } from '../../src/index.ts'
import { localRoom } from '../support.ts'

let place: Awaited<ReturnType<typeof localRoom>>

beforeEach(async () => {
  place = await localRoom()
})

afterEach(() => place.leave())

test('[R24] a snapshot is the same object as long as nothing changes', async () => {
  const alice = await place.join('Alice')
  const { snapshot, self, participants } = alice
  const calls = listen(alice)
  alice.setName('Alice')
  alice.setEnabled('camera', false)
  await alice.unpublish('camera')
  expect(alice.snapshot).toBe(snapshot)
  expect(alice.self).toBe(self)
  expect(alice.participants).toBe(participants)
  expect(calls).toEqual([])
})

test('[R24] a change makes a new snapshot and new changed parts, and keeps the others', async () => {
  // The room code follows later.
  const clock = new VirtualClock()
  const alice = await place.join('Alice', { clock })
  const before = alice.snapshot
  const bob = await place.join('Bob', { clock })
  await expect.poll(() => alice.participants.size).toBe(1)
  const joined = alice.snapshot
  expect(changedParts(before, joined)).toEqual(['participants', 'code'])
  expect(before.participants.size).toBe(0)

  alice.setName('Alice L.')
  const renamed = alice.snapshot
  expect(changedParts(joined, renamed)).toEqual(['self'])
  expect(renamed.self.name).toBe('Alice L.')

  await expect.poll(() => bob.participants.size).toBe(1)
  await bob.chat.send('hello')
  await expect.poll(() => alice.chat.messages.length).toBe(1)
  const heard = alice.snapshot
  expect(changedParts(renamed, heard)).toEqual(['messages'])
  expect(heard.messages).toBe(alice.chat.messages)

  bob.setName('Bob')
  bob.setName('Robert')
  await expect.poll(() => [...alice.participants.values()][0]?.name).toBe('Robert')
  expect(changedParts(heard, alice.snapshot)).toEqual(['participants'])
})

test('[R24] repeated information about a participant changes nothing', async () => {
  const alice = await place.join('Alice')
  const bob = await place.join('Bob')
  await expect.poll(() => alice.participants.size).toBe(1)
  await expect.poll(() => bob.participants.size).toBe(1)
  const { snapshot } = alice
  const calls = listen(alice)
  bob.setName('Bob')
  await bob.chat.send('after it')
  await expect.poll(() => alice.chat.messages.length).toBe(1)
  expect(changedParts(snapshot, alice.snapshot)).toEqual(['messages'])
  expect(calls).toHaveLength(1)
})

test('[R24] listeners are called once after each change, and not after they unsubscribed', async () => {
  const alice = await place.join('Alice')
  const seen: RoomSnapshot[] = []
  const { subscribe } = alice
  const stop = subscribe(() => seen.push(alice.snapshot))
  alice.setName('A')
  alice.setName('B')
  expect(seen.map(({ self }) => self.name)).toEqual(['A', 'B'])
  stop()
  alice.setName('C')
  expect(seen).toHaveLength(2)
})

test('[R24] events come after the snapshot that they are about', async () => {
  const alice = await place.join('Alice')
  const sizes: number[] = []
  alice.on('participantJoined', ({ participant }) => {
    sizes.push(alice.snapshot.participants.size)
    expect(alice.snapshot.participants.get(participant.id)).toBe(participant)
  })
  await place.join('Bob')
  await expect.poll(() => sizes).toEqual([1])
})

test('[R24] the list keeps the order of joining', async () => {
  const alice = await place.join('Alice')
  const names = (): string[] => [...alice.participants.values()].map(({ name }) => name)
  const bob = await place.join('Bob')
  await expect.poll(names).toEqual(['Bob'])
  await place.join('Carol')
  await expect.poll(names).toEqual(['Bob', 'Carol'])
  bob.setName('Robert')
  await expect.poll(names).toEqual(['Robert', 'Carol'])
  await bob.leave()
  await place.join('Bob')
  await expect.poll(names).toEqual(['Carol', 'Bob'])
})

test('[R24] nobody can change a snapshot', async () => {
  const alice = await place.join('Alice')
  await place.join('Bob')
  await expect.poll(() => alice.participants.size).toBe(1)
  await alice.chat.send('hello')
  const { snapshot } = alice
  const [bob] = snapshot.participants.values()
  for (const part of [snapshot, snapshot.self, bob, snapshot.messages, snapshot.messages[0]]) {
    expect(Object.isFrozen(part)).toBe(true)
  }
})

test('[R24] the end is the last change', async () => {
  const alice = await place.join('Alice')
  const calls = listen(alice)
  await alice.leave()
  expect(alice.snapshot.state).toBe('left')
  expect(calls).toHaveLength(1)
  alice.setName('nobody')
  expect(calls).toHaveLength(1)
})

const listen = (room: Room): RoomSnapshot[] => {
  const calls: RoomSnapshot[] = []
  room.subscribe(() => calls.push(room.snapshot))
  return calls
}

const changedParts = (before: RoomSnapshot, after: RoomSnapshot): string[] => {
  expect(after).not.toBe(before)
  return (Object.keys(after) as (keyof RoomSnapshot)[]).filter(
    (part) => after[part] !== before[part],
  )
}
