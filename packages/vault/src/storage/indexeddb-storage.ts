import { checkString, encodeBase64Url, isBytes, transactRecord } from '@conclave/base'
import type { StoredBytes } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { guardStorage } from './storage.ts'
import type { VaultStorage } from './storage.ts'

/**
 * A storage in the browser's IndexedDB, for pages and workers of one origin. A browser may delete it when space is
 * short: ask for `navigator.storage.persist()`, and keep an export elsewhere. spec V24
 *
 * @param options `database`: its name, "conclave-vault" by default; `key`: which vault in it, "vault" by default
 * @throws TypeError for names that are no text
 * @throws VaultError `ERR_VAULT_UNSUPPORTED` where there is no IndexedDB
 */
export function createIndexedDbStorage(
  options: { readonly database?: string; readonly key?: string } = {},
): VaultStorage {
  const { database = 'conclave-vault', key = 'vault' } = options
  checkString('database', database)
  checkString('key', key)
  const factory = globalThis.indexedDB as IDBFactory | undefined
  if (factory === undefined) throw new VaultError('ERR_VAULT_UNSUPPORTED', { feature: 'IndexedDB' })

  const place = { factory, database, store: 'vaults', key }
  return guardStorage({
    read: () => transactRecord(place, 'readonly', (_, record) => checkRecord(record)),
    write: (bytes, expected) =>
      transactRecord(place, 'readwrite', (store, record) => {
        if (checkRecord(record)?.version !== expected) return undefined
        const version = encodeBase64Url(randomBytes(16))
        store.put({ bytes, version }, key)
        return version
      }),
    remove: () => transactRecord(place, 'readwrite', (store) => void store.delete(key)),
  })
}

/** @throws TypeError for a record that this storage did not write */
function checkRecord(value: unknown): StoredBytes | undefined {
  const stored = value as Partial<StoredBytes> | null | undefined
  if (stored === undefined) return undefined
  if (isBytes(stored?.bytes) && typeof stored.version === 'string') return stored as StoredBytes
  throw new TypeError('the database holds something else under this key')
}
