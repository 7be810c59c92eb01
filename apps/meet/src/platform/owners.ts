/**
 * The rooms whose owner's keys are in this browser, and all that the owner and the hosts said there.
 *
 * @module
 */
import { transactRecord } from '@conclave/base'
import { type OwnerKeys, generateOwnerKeys, restoreOwnerKeys } from '@conclave/client'

/** A room that this browser made, or whose owner's key the person entered here. */
export interface OwnedRoom {
  readonly owner: OwnerKeys
  /** Whether the person entered the key: another browser made the room. */
  readonly isEntered?: boolean
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
  /** A room whose owner's keys are here; `undefined` for any other. Never rejects. */
  find(room: string): Promise<OwnedRoom | undefined>
}

/** The store of this page's origin. */
export function createOwnerStore(
  factory: IDBFactory | undefined = globalThis.indexedDB,
): OwnerStore {
  const known = new Map<string, OwnedRoom>()
  return {
    generate: () => generateOwnerKeys({ exportable: true }),
    async keep(room, owned) {
      const { owner, statements, number, isEntered = false } = owned
      if (number >= (known.get(room)?.number ?? 0)) known.set(room, owned)
      if (factory === undefined) return
      const record = { keys: owner.toStored(), statements, number, isEntered }
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
      if (owner === undefined) return undefined
      const { statements, number } = stored
      const isEntered = stored['isEntered'] === true
      const isWhole =
        Array.isArray(statements) &&
        statements.every((each) => each instanceof Uint8Array) &&
        typeof number === 'number'
      return { owner, isEntered, ...(isWhole ? { statements, number } : NOTHING_SAID) }
    },
  }
}

/** Nobody has said anything in a new room. */
export const NOTHING_SAID = { statements: [], number: 0 } as const

const DATABASE = { database: 'conclave-owners', store: 'rooms' } as const
