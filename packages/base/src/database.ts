import { type Clock, systemClock } from './clock.ts'
import { within } from './within.ts'

/** The place of one record in a browser's database, which has this one store. */
export interface DatabaseRecord {
  /** `globalThis.indexedDB`. */
  readonly factory: IDBFactory
  readonly database: string
  readonly store: string
  readonly key: string
  /** Bounds the wait for the database. Left out: the system's. */
  readonly clock?: Clock
}

/**
 * Calls `use` with a record (`undefined`: there is none) inside of one transaction, and resolves to its result once the
 * transaction is complete. What `use` does with the store happens before any other page sees the record again. Each
 * call opens a new connection, so that no connection blocks an upgrade.
 *
 * @throws the browser's error, and what `use` throws: then nothing is changed. `TimeoutError` when the database does not open within
 *   3 s, as behind a deletion that another page keeps from its end
 */
export async function transactRecord<T>(
  place: DatabaseRecord,
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore, record: unknown) => T,
): Promise<T> {
  const { clock = systemClock } = place
  const opening = openDatabase(place)
  const database = await within(opening, {
    ...{ clock, ms: PATIENCE_MS },
    late() {
      // A connection that comes later would keep other pages from upgrades.
      void opening.then((late) => late.close()).catch(() => {})
      throw new DOMException('the database did not open in time', 'TimeoutError')
    },
  })
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(place.store, mode, { durability: 'strict' })
      const answers: T[] = []
      transaction.addEventListener('complete', () => resolve(answers[0] as T))
      // A request that fails aborts the transaction, whose reason is set only then.
      transaction.addEventListener('abort', () =>
        reject(transaction.error ?? new Error('the transaction ended')),
      )
      const store = transaction.objectStore(place.store)
      const request = store.get(place.key)
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

function openDatabase({ factory, database, store }: DatabaseRecord): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(database, 1)
    request.addEventListener('upgradeneeded', () => void request.result.createObjectStore(store))
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('not opened')))
  })
}

const PATIENCE_MS = 3000
