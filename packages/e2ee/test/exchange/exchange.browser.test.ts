import {
  generateExchangeKeys,
  openKey,
  restoreExchangeKeys,
  sealKey,
} from '@conclave/e2ee/exchange'
import { expect, test } from 'vitest'
import { rootOf } from '../fixtures.ts'
import { settled } from '../settled.ts'

test('[E3] keys live in the browser’s database, and cannot be read out there', async () => {
  const name = `exchange ${crypto.randomUUID()}`
  const opening = indexedDB.open(name)
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys')
  const database = await settled(opening)
  const store = (mode: IDBTransactionMode): IDBObjectStore =>
    database.transaction('keys', mode).objectStore('keys')
  const keys = await generateExchangeKeys()
  await settled(store('readwrite').put(keys.toStored(), 'mine'))
  const { identity } = keys
  keys.close()

  const stored: unknown = await settled(store('readonly').get('mine'))
  const restored = await restoreExchangeKeys(stored)
  if (restored === undefined) throw new Error('expected keys')
  expect(restored.identity).toEqual(identity)
  const { signing, agreement } = restored.toStored()
  for (const { privateKey } of [signing, agreement]) {
    const read = crypto.subtle.exportKey('pkcs8', privateKey)
    await expect(read).rejects.toMatchObject({ name: 'InvalidAccessError' })
  }
  const place = { room: 'r', purpose: 'p', expiresAt: 1, now: 0, seen: 'none' } as const
  const bytes = await sealKey(rootOf(1), { ...place, from: restored, to: identity })
  const opened = await openKey(bytes, { ...place, from: identity, to: restored })
  expect(opened).toMatchObject({ type: 'opened', key: rootOf(1) })
  database.close()
  await settled(indexedDB.deleteDatabase(name))
})
