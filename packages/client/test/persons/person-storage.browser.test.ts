import { createSessionKeys, ensurePersonKeys } from '@conclave/e2ee/session'
import { type RoomId, bytesToRoomId } from '@conclave/wire'
import { afterEach, expect, test } from 'vitest'
import { type PersonStorage, pagePersonStorage } from '../../src/index.ts'
import { certifyOwnPerson } from '../../src/persons/own-person.ts'
import { systemClock } from '@conclave/base'

const roomOf = (fill: number): RoomId => bytesToRoomId(new Uint8Array(16).fill(fill)) as RoomId
const ROOM = roomOf(1)
afterEach(
  () =>
    new Promise((resolve) => {
      indexedDB.deleteDatabase('conclave-persons').addEventListener('success', resolve)
    }),
)

function page(): PersonStorage {
  const storage = pagePersonStorage()
  if (storage === undefined) throw new Error('expected a database')
  return storage
}

test('[R88] pages that come at the same time are one person, which stays in the next page and cannot be exported', async () => {
  const made = await Promise.all([1, 2, 3].map(() => ensurePersonKeys(ROOM, { storage: page() })))
  const later = await ensurePersonKeys(ROOM, { storage: page() })
  for (const { publicKey } of made) expect(publicKey).toEqual(later.publicKey)
  const { privateKey } = later.toStored()
  await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toMatchObject({
    name: 'InvalidAccessError',
  })
  const elsewhere = await ensurePersonKeys(roomOf(2), { storage: page() })
  expect(elsewhere.publicKey).not.toEqual(later.publicKey)
})

test('[R88] pages that store at the same time lose nothing, and the keys stay beside it', async () => {
  const { publicKey } = await ensurePersonKeys(ROOM, { storage: page() })
  const add = (name: string): Promise<void> =>
    page().changeConfirmed(ROOM, (stored) => [...((stored ?? []) as string[]), name])
  await Promise.all(['Bob', 'Carol', 'Dave'].map(add))
  expect(new Set((await page().readConfirmed(ROOM)) as string[]).size).toBe(3)
  expect((await ensurePersonKeys(ROOM, { storage: page() })).publicKey).toEqual(publicKey)
})

test('[R88] of more than 4,096 rooms one goes, and it is not the new one', async () => {
  await fill(4096)
  const { publicKey } = await ensurePersonKeys(ROOM, { storage: page() })
  expect(await countRooms()).toBe(4096)
  expect((await ensurePersonKeys(ROOM, { storage: page() })).publicKey).toEqual(publicKey)
})

test('[R85] a page whose database is of another program has no person, and is told so', async () => {
  const opening = indexedDB.open('conclave-persons', 2)
  await new Promise((resolve) => {
    opening.addEventListener('success', resolve)
  })
  opening.result.close()
  const { signingKey } = await createSessionKeys()
  const session = { room: ROOM, signingKey, clock: systemClock }
  expect(await certifyOwnPerson(undefined, session)).toBe('failed')
})

async function fill(count: number): Promise<void> {
  await page().changeConfirmed(roomOf(255), () => [])
  await inStore((store) => {
    for (let index = 1; index < count; index += 1) store.put({}, `room ${index}`)
  })
}

async function countRooms(): Promise<number> {
  let counting: IDBRequest<number> | undefined
  await inStore((store) => {
    counting = store.count()
  })
  return counting?.result ?? 0
}

async function inStore(use: (store: IDBObjectStore) => void): Promise<void> {
  const opening = indexedDB.open('conclave-persons')
  await new Promise((resolve) => {
    opening.addEventListener('success', resolve)
  })
  const transaction = opening.result.transaction('rooms', 'readwrite')
  use(transaction.objectStore('rooms'))
  await new Promise((resolve) => {
    transaction.addEventListener('complete', resolve)
  })
  opening.result.close()
}
