import {
  certifySession,
  createSessionKeys,
  ensurePersonKeys,
  verifyPerson,
} from '@conclave/e2ee/session'
import type { PersonKeyStorage, StoredSigningKeys } from '@conclave/e2ee/session'
import type { RoomId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { failureOf, OTHER_ROOM, ROOM, rootOf } from '../fixtures.ts'

/** Holds what a database would: structured clones. */
class MemoryStorage implements PersonKeyStorage {
  readonly stored = new Map<RoomId, unknown>()
  adds = 0

  async read(room: RoomId): Promise<unknown> {
    return structuredClone(this.stored.get(room))
  }

  async add(room: RoomId, keys: StoredSigningKeys): Promise<boolean> {
    this.adds += 1
    if (this.stored.has(room)) return false
    this.stored.set(room, structuredClone(keys))
    return true
  }
}

test('[C9] a person is the same after a reload, and another one in another room', async () => {
  const storage = new MemoryStorage()
  const first = await ensurePersonKeys(ROOM, { storage })
  const again = await ensurePersonKeys(ROOM, { storage })
  const elsewhere = await ensurePersonKeys(OTHER_ROOM, { storage })
  expect(again.publicKey).toEqual(first.publicKey)
  expect(elsewhere.publicKey).not.toEqual(first.publicKey)
  expect(storage.adds).toBe(2)
  for (const person of [first, again]) {
    const { signingKey } = await createSessionKeys()
    const certificate = await certifySession(person, { room: ROOM, signingKey })
    expect(certificate.personKey).toEqual(first.publicKey)
    expect(await verifyPerson(certificate, { room: ROOM, signingKey })).toBe(true)
    expect(await verifyPerson(certificate, { room: OTHER_ROOM, signingKey })).toBe(false)
  }
})

test('[C10] pages that begin at the same time are one person', async () => {
  const storage = new MemoryStorage()
  const pages = await Promise.all([1, 2, 3].map(() => ensurePersonKeys(ROOM, { storage })))
  expect(storage.adds).toBe(3)
  const [one, ...others] = pages.map(({ publicKey }) => publicKey)
  for (const other of others) expect(other).toEqual(one)
})

test('[C10] the private key cannot be exported', async () => {
  const storage = new MemoryStorage()
  const { privateKey } = (await ensurePersonKeys(ROOM, { storage })).toStored()
  expect(privateKey.extractable).toBe(false)
  await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toMatchObject({
    name: 'InvalidAccessError',
  })
})

test('[C10] a storage that has something else is ERR_E2EE_STORAGE, and keeps it', async () => {
  const good = (await ensurePersonKeys(ROOM, { storage: new MemoryStorage() })).toStored()
  const wrong = [7, 'x', {}, { ...good, publicKey: rootOf(3) }, { ...good, privateKey: undefined }]
  for (const value of wrong) {
    const storage = new MemoryStorage()
    storage.stored.set(ROOM, value)
    const failure = await failureOf(ensurePersonKeys(ROOM, { storage }))
    expect(failure).toMatchObject({ code: 'ERR_E2EE_STORAGE', details: { reason: 'damaged' } })
    expect([storage.adds, storage.stored.get(ROOM)]).toEqual([0, value])
  }
})

test('[C10] a storage that neither has nor takes keys is ERR_E2EE_STORAGE', async () => {
  const storage = { read: async () => null, add: async () => false }
  const failure = await failureOf(ensurePersonKeys(ROOM, { storage }))
  expect(failure).toMatchObject({ code: 'ERR_E2EE_STORAGE', details: { reason: 'conflict' } })
})

test('[C10] an error of the storage reaches the caller', async () => {
  const storage = { read: async () => undefined, add: () => Promise.reject(new Error('disk full')) }
  await expect(ensurePersonKeys(ROOM, { storage })).rejects.toMatchObject({
    code: 'ERR_E2EE_STORAGE',
    cause: { message: 'disk full' },
  })
})

test('[C10] arguments of another type are a TypeError that names them', async () => {
  const storage = new MemoryStorage()
  await expect(ensurePersonKeys('x' as RoomId, { storage })).rejects.toThrow('"room" expected')
  await expect(ensurePersonKeys(ROOM, { storage: {} as never })).rejects.toThrow('"storage"')
})
