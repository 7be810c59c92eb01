import { createIndexedDbStorage } from '@conclave/vault'
import { vaultStorageContract } from '@conclave/vault/testing'
import { expect, test } from 'vitest'
import { newVault, reopen, textOf, utf8 } from '../fixtures.ts'
import { expectSeenAfterReload } from './replay-guard.ts'

let databases = 0
const indexedDb = vaultStorageContract({
  connect: () => {
    const database = `storage test ${(databases += 1)}`
    return [createIndexedDbStorage({ database }), createIndexedDbStorage({ database })]
  },
  close: () => {
    indexedDB.deleteDatabase(`storage test ${databases}`)
  },
})
for (const { title, run } of indexedDb)
  test(`[V23, V24] IndexedDB: ${title}`, async () => expect(run()).resolves.toBeUndefined())

test('[V24] names that are no text are named when they are given', () => {
  expect(() => createIndexedDbStorage({ database: 7 as never })).toThrow('"database" expected')
  expect(() => createIndexedDbStorage({ key: null as never })).toThrow('"key" expected')
})

test('[V24] two vaults share a database by their keys', async () => {
  const database = 'two vaults'
  const one = await newVault(createIndexedDbStorage({ database, key: 'one' }))
  const other = await newVault(createIndexedDbStorage({ database, key: 'other' }))
  await one.vault.set('a', utf8('1'))
  await other.vault.set('a', utf8('2'))
  const again = { ...one, storage: createIndexedDbStorage({ database, key: 'one' }) }
  expect(textOf((await reopen(again)).get('a'))).toBe('1')
  indexedDB.deleteDatabase(database)
})

test('[V24, P41] a replay guard in IndexedDB knows after a reload which events were seen', async () => {
  const database = 'seen'
  const seen = expectSeenAfterReload(async () =>
    createIndexedDbStorage({ database, key: 'room-42' }),
  )
  await expect(seen).resolves.toBeUndefined()
})
