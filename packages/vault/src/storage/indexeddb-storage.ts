import { checkString, encodeBase64Url } from '@conclave/base'
import type { StoredBytes } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
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
    work: (store: IDBObjectStore, answer: (value: T) => void) => void,
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
        work(transaction.objectStore(STORE), (value) => void answers.push(value))
      })
    } finally {
      database.close()
    }
  }

  return {
    read: () =>
      transact<StoredBytes | undefined>('readonly', (store, answer) => {
        const request = store.get(key)
        request.addEventListener('success', () => answer(request.result as StoredBytes | undefined))
      }),
    write: (bytes, expected) =>
      transact<string | undefined>('readwrite', (store, answer) => {
        const request = store.get(key)
        request.addEventListener('success', () => {
          const stored = request.result as StoredBytes | undefined
          if (stored?.version !== expected) return answer(undefined)
          const version = encodeBase64Url(randomBytes(16))
          store.put({ bytes: new Uint8Array(bytes), version }, key)
          return answer(version)
        })
      }),
    remove: () => transact<void>('readwrite', (store) => void store.delete(key)),
  }
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
