/** A storage of persons in memory: several sessions with one of them are pages of one browser. */
import type { RoomId } from '@conclave/wire'
import type { PersonStorage } from '../../src/index.ts'

export function memoryPersons(): PersonStorage {
  const keysByRoom = new Map<RoomId, unknown>()
  const confirmedByRoom = new Map<RoomId, unknown>()
  return {
    read: async (room) => keysByRoom.get(room),
    async add(room, keys) {
      if (keysByRoom.has(room)) return false
      keysByRoom.set(room, keys)
      return true
    },
    readConfirmed: async (room) => confirmedByRoom.get(room),
    async changeConfirmed(room, change) {
      confirmedByRoom.set(room, change(confirmedByRoom.get(room)))
    },
  }
}
