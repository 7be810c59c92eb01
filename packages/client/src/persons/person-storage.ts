/**
 * The place where a browser keeps its person of each room, and the persons that were confirmed there. spec R88
 *
 * @module
 */
import { transactRecord } from '@conclave/base'
import type { PersonKeyStorage } from '@conclave/e2ee/session'
import type { RoomId } from '@conclave/wire'
import { type Kind, withMethods } from '../arguments.ts'

/** Keeps a person of each room, and whom this person confirmed there. */
export interface PersonStorage extends PersonKeyStorage {
  /** The confirmed persons of a room, as they were stored; `undefined` when there are none. */
  readConfirmed(room: RoomId): Promise<unknown>

  /** Stores what `change` makes of the confirmed persons, in one step: no other page changes them meanwhile. */
  changeConfirmed(room: RoomId, change: (stored: unknown) => unknown): Promise<void>
}

/**
 * The storage of this page; `undefined` where there is no IndexedDB, as in Node. All pages of an origin share it.
 *
 * @throws the browser's error, where a page may not use its database
 */
export function pagePersonStorage(): PersonStorage | undefined {
  const factory = globalThis.indexedDB as IDBFactory | undefined
  if (factory === undefined) return undefined
  const placeOf = (key: RoomId) => ({ factory, database: DATABASE, store: 'rooms', key })
  const read = (room: RoomId): Promise<StoredRoom> =>
    transactRecord(placeOf(room), 'readonly', (_, record) => roomOf(record))
  const change = <T>(
    room: RoomId,
    step: (stored: StoredRoom) => readonly [result: T, next?: StoredRoom],
  ): Promise<T> =>
    transactRecord(placeOf(room), 'readwrite', (store, record) => {
      const [result, next] = step(roomOf(record))
      if (next === undefined) return result
      store.put(next, room)
      if (record === undefined) forgetOne(store, room)
      return result
    })
  return {
    read: async (room) => (await read(room)).keys,
    add: (room, keys) =>
      change(room, (stored) => (stored.keys === undefined ? [true, { ...stored, keys }] : [false])),
    readConfirmed: async (room) => (await read(room)).confirmed,
    changeConfirmed: (room, next) =>
      change(room, (stored) => [undefined, { ...stored, confirmed: next(stored.confirmed) }]),
  }
}

/** A storage, as an argument. */
export const PERSON_STORAGE: Kind = withMethods('read', 'add', 'readConfirmed', 'changeConfirmed')

/** Nothing is known about the parts: their readers check them. */
interface StoredRoom {
  readonly keys?: unknown
  readonly confirmed?: unknown
}

const roomOf = (record: unknown): StoredRoom =>
  typeof record === 'object' && record !== null ? record : {}

/** Makes place for a new room: the ids of rooms are random, and so is the one that goes. */
const forgetOne = (store: IDBObjectStore, room: RoomId): void => {
  const counting = store.count()
  counting.addEventListener('success', () => {
    if (counting.result <= MAX_ROOMS) return
    const finding = store.openKeyCursor()
    finding.addEventListener('success', () => {
      const cursor = finding.result
      if (cursor?.key === room) cursor.continue()
      else if (cursor !== null) store.delete(cursor.key)
    })
  })
}

const DATABASE = 'conclave-persons'
const MAX_ROOMS = 4096
