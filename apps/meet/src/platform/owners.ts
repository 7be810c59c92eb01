/**
 * The rooms that this browser made: the owner's keys, and the rule that the owner set last.
 *
 * @module
 */
import { transactRecord } from '@conclave/base'
import {
  type OwnerKeys,
  type RoomRule,
  generateOwnerKeys,
  restoreOwnerKeys,
} from '@conclave/client'

/** A room that this browser made. */
export interface OwnedRoom {
  readonly owner: OwnerKeys
  /** An empty room forgets its rule. */
  readonly rule: RoomRule
}

/** Keeps rooms. Without a database, as in a private window, until the page goes away. */
export interface OwnerStore {
  /** New keys, for a room that is not made yet. */
  generate(): Promise<OwnerKeys>
  /** Keeps a room, or its other rule. Never rejects. */
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
      known.set(room, owned)
      if (factory === undefined) return
      const record = { keys: owned.owner.toStored(), rule: owned.rule }
      const place = { factory, ...DATABASE, key: room }
      await transactRecord(place, 'readwrite', (store) => store.put(record, room)).catch(() => null)
    },
    async find(room) {
      const found = known.get(room)
      if (found !== undefined || factory === undefined) return found
      const place = { factory, ...DATABASE, key: room }
      const record = await transactRecord(place, 'readonly', (_, stored) => stored).catch(
        () => null,
      )
      const { keys, rule } = Object(record) as { readonly keys?: unknown; readonly rule?: unknown }
      const owner = keys === undefined ? undefined : await restoreOwnerKeys(keys)
      return owner && { owner, rule: rule === 'ask' || rule === 'locked' ? rule : 'open' }
    },
  }
}

const DATABASE = { database: 'conclave-owners', store: 'rooms' } as const
