import {
  certifySession,
  createSessionKeys,
  ensurePersonKeys,
  verifyPerson,
} from '@conclave/e2ee/session'
import type { PersonKeyStorage } from '@conclave/e2ee/session'
import { expect, test } from 'vitest'
import { ROOM } from '../fixtures.ts'
import { settled } from '../settled.ts'

async function openStorage(name: string): Promise<PersonKeyStorage & { close(): void }> {
  const opening = indexedDB.open(name)
  opening.onupgradeneeded = () => opening.result.createObjectStore('persons')
  const database = await settled(opening)
  const store = (mode: IDBTransactionMode): IDBObjectStore =>
    database.transaction('persons', mode).objectStore('persons')
  return {
    read: (room) => settled(store('readonly').get(room)),
    add: (room, keys) =>
      settled(store('readwrite').add(keys, room)).then(
        () => true,
        (error: unknown) => {
          if ((error as Error).name === 'ConstraintError') return false
          throw error
        },
      ),
    close: () => database.close(),
  }
}

test('[C10] the browser’s database keeps a person from one page to the next', async () => {
  const name = `persons ${crypto.randomUUID()}`
  const [one, other] = [await openStorage(name), await openStorage(name)]
  const persons = await Promise.all(
    [one, other].map((storage) => ensurePersonKeys(ROOM, { storage })),
  )
  one.close()
  other.close()
  const later = await openStorage(name)
  const person = await ensurePersonKeys(ROOM, { storage: later })
  for (const { publicKey } of persons) expect(publicKey).toEqual(person.publicKey)
  await expect(
    crypto.subtle.exportKey('pkcs8', person.toStored().privateKey),
  ).rejects.toMatchObject({ name: 'InvalidAccessError' })
  const { signingKey } = await createSessionKeys()
  const certificate = await certifySession(person, { room: ROOM, signingKey })
  expect(await verifyPerson(certificate, { room: ROOM, signingKey })).toBe(true)
  later.close()
  await settled(indexedDB.deleteDatabase(name))
})
