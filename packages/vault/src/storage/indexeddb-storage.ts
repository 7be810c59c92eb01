import { checkString, encodeBase64Url, isBytes } from '@conclave/base'
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
  const { database: name = 'conclave-vault', key = 'vault' } = options
  checkString('database', name)
  checkString('key', key)
  const factory = globalThis.indexedDB as IDBFactory | undefined
  if (factory === undefined) throw new VaultError('ERR_VAULT_UNSUPPORTED', { feature: 'IndexedDB' })

  /** One transaction for each call, in a new connection, so that no connection blocks an upgrade. */
  const transact = async <T>(
    mode: IDBTransactionMode,
    use: (store: IDBObjectStore, record: unknown) => T,
  ): Promise<T> => {
    const database = await openDatabase(factory, name)
    try {
      return await new Promise<T>((resolve, reject) => {
        const transaction = database.transaction(STORE, mode, { durability: 'strict' })
        const answers: T[] = []
        transaction.addEventListener('complete', () => resolve(answers[0] as T))
        const fail = (): void => reject(transaction.error ?? new Error('the transaction ended'))
        transaction.addEventListener('abort', fail)
        transaction.addEventListener('error', fail)
        const store = transaction.objectStore(STORE)
        const request = store.get(key)
        request.addEventListener('success', () => {
          try {
            answers.push(use(store, request.result))
          } catch (cause) {
            reject(cause)
            transaction.abort()
          }
        })
      })
    } finally {
      database.close()
    }
  }

  return guardStorage({
    read: () => transact('readonly', (_, record) => checkRecord(record)),
    write: (bytes, expected) =>
      transact('readwrite', (store, record) => {
        if (checkRecord(record)?.version !== expected) return undefined
        const version = encodeBase64Url(randomBytes(16))
        store.put({ bytes, version }, key)
        return version
      }),
    remove: () => transact('readwrite', (store) => void store.delete(key)),
  })
}

/** @throws TypeError for a record that this storage did not write */
function checkRecord(value: unknown): StoredBytes | undefined {
  const stored = value as Partial<StoredBytes> | null | undefined
  if (stored === undefined) return undefined
  if (isBytes(stored?.bytes) && typeof stored.version === 'string') return stored as StoredBytes
  throw new TypeError('the database holds something else under this key')
}

function openDatabase(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name, 1)
    request.addEventListener('upgradeneeded', () => void request.result.createObjectStore(STORE))
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('not opened')))
  })
}

const STORE = 'vaults'
