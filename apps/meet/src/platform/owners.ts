/**
 * The rooms that this browser made: the owner's keys, and all that the owner and the hosts said there.
 *
 * @module
 */
import { transactRecord } from '@conclave/base'
import { type OwnerKeys, generateOwnerKeys, restoreOwnerKeys } from '@conclave/client'

/** A room that this browser made. */
export interface OwnedRoom {
  readonly owner: OwnerKeys
  /** An empty room forgets them. */
  readonly statements: readonly Uint8Array[]
  /** The number of the newest policy among them. */
  readonly number: number
}

/** Keeps rooms. Without a database, as in a private window, until the page goes away. */
export interface OwnerStore {
  /** New keys, for a room that is not made yet. */
  generate(): Promise<OwnerKeys>
  /** Keeps a room, or its newer statements. Never rejects. */
  keep(room: string, owned: OwnedRoom): Promise<void>
  /** A room that this browser made; `undefined` for any other. Never rejects. */
  find(room: string): Promise<OwnedRoom | undefined>
}

/** The store of this page's origin. */
export function createOwnerStore(
  factory: IDBFactory | undefined = globalThis.indexedDB,
): OwnerStore {
  const known = new Map<string, OwnedRoom>()
  return {
    generate: () => generateOwnerKeys(),
    async keep(room, owned) {
      const { owner, statements, number } = owned
      if (number >= (known.get(room)?.number ?? 0)) known.set(room, owned)
      if (factory === undefined) return
      const record = { keys: owner.toStored(), statements, number }
      const place = { factory, ...DATABASE, key: room }
      const put = (store: IDBObjectStore, stored: unknown): void => {
        // Another tab may know more.
        const before: unknown = Object(stored).number
        if (typeof before !== 'number' || number >= before) store.put(record, room)
      }
      await transactRecord(place, 'readwrite', put).catch(() => null)
    },
    async find(room) {
      const found = known.get(room)
      if (found !== undefined || factory === undefined) return found
      const place = { factory, ...DATABASE, key: room }
      const record = await transactRecord(place, 'readonly', (_, stored) => stored).catch(
        () => null,
      )
      const stored = Object(record) as Readonly<Record<string, unknown>>
      const owner =
        stored['keys'] === undefined ? undefined : await restoreOwnerKeys(stored['keys'])
      const { statements, number } = stored
      const isWhole =
        Array.isArray(statements) &&
        statements.every((each) => each instanceof Uint8Array) &&
        typeof number === 'number'
      return owner && (isWhole ? { owner, statements, number } : { owner, ...NOTHING_SAID })
    },
  }
}

/** Nobody has said anything in a new room. */
export const NOTHING_SAID = { statements: [], number: 0 } as const

const DATABASE = { database: 'conclave-owners', store: 'rooms' } as const
