import { checkString, concatBytes, encodeBase64Url, isBytes, transactRecord } from '@conclave/base'
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
  if (!hasIndexedDb()) throw new VaultError('ERR_VAULT_UNSUPPORTED', { feature: 'IndexedDB' })

  const place = { factory: globalThis.indexedDB, database, store: 'vaults', key }
  const parts = IDBKeyRange.bound([key], [key, []], true)
  const putHead = (store: IDBObjectStore, count: number): string => {
    const version = encodeBase64Url(randomBytes(16))
    store.put({ version, parts: count } satisfies Head, key)
    return version
  }
  return guardStorage({
    read: async () => {
      let all: IDBRequest<unknown[]> | undefined
      const head = await transactRecord(place, 'readonly', (store, record) => {
        all = store.getAll(parts)
        return checkHead(record)
      })
      return head && { bytes: contentOf(head, all?.result), version: head.version }
    },
    write: (bytes, expected) =>
      transactRecord(place, 'readwrite', (store, record) => {
        if (checkHead(record)?.version !== expected) return undefined
        store.delete(parts)
        store.put(bytes, [key, 0])
        return putHead(store, 1)
      }),
    append: (bytes, expected) =>
      transactRecord(place, 'readwrite', (store, record) => {
        const head = checkHead(record)
        if (head === undefined || (expected ?? head.version) !== head.version) return undefined
        if (head.bytes !== undefined) store.put(head.bytes, [key, 0])
        const count = head.parts ?? 1
        store.put(bytes, [key, count])
        return putHead(store, count + 1)
      }),
    remove: () =>
      transactRecord(place, 'readwrite', (store) => {
        store.delete(key)
        store.delete(parts)
      }),
  })
}

/** The record under the key. The parts of the content are records under the key and their number: to add one costs its own length. */
type Head = { readonly version: string } & (
  | { readonly parts: number; readonly bytes?: undefined }
  // A state that was written before contents had parts.
  | { readonly bytes: Uint8Array; readonly parts?: undefined }
)

/** Whether the platform has IndexedDB; only using it shows that it works. */
export function hasIndexedDb(): boolean {
  return (globalThis.indexedDB as IDBFactory | undefined) !== undefined
}

/** @throws TypeError for a record that this storage did not write */
function checkHead(record: unknown): Head | undefined {
  if (record === undefined) return undefined
  const { version, bytes, parts } = (record ?? {}) as { readonly [Name in keyof Head]?: unknown }
  if (typeof version === 'string' && (isBytes(bytes) || Number.isSafeInteger(parts))) {
    return record as Head
  }
  throw new TypeError('the database holds something else under this key')
}

/** @throws TypeError where parts are missing */
function contentOf(head: Head, parts: readonly unknown[] = []): Uint8Array<ArrayBuffer> {
  const all = head.bytes === undefined ? parts.filter(isBytes) : [head.bytes]
  if (all.length === (head.parts ?? 1)) return concatBytes(...all)
  throw new TypeError('the database lacks parts of what was stored')
}
