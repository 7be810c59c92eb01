/** The rooms of the application: their members, and the key of each. Your database, in memory. */
import { randomBytes } from 'node:crypto'

/** The key of a room as it goes to a member: never log it, and never put it where others read it. */
export interface RoomKey {
  readonly keyId: string
  readonly epoch: number
  /** 32 random bytes in base64. */
  readonly key: string
}

export class Rooms {
  readonly #rooms = new Map<string, { readonly members: Set<string>; key: RoomKey }>()

  create(room: string, members: readonly string[]): void {
    this.#rooms.set(room, { members: new Set(members), key: newKey(room, 1) })
  }

  hasMember(room: string, user: string): boolean {
    return this.#rooms.get(room)?.members.has(user) === true
  }

  /** The key of now, for members only; so that this server can read everything in the room. */
  keyFor(room: string, user: string): RoomKey | undefined {
    const found = this.#rooms.get(room)
    return found?.members.has(user) === true ? found.key : undefined
  }

  /** Removes a member, and changes the key, so that the member reads nothing that is said afterwards. */
  remove(room: string, user: string): RoomKey | undefined {
    const found = this.#rooms.get(room)
    if (found?.members.delete(user) !== true) return undefined
    found.key = newKey(room, found.key.epoch + 1)
    return found.key
  }
}

function newKey(room: string, epoch: number): RoomKey {
  return { keyId: `room-${room}`, epoch, key: randomBytes(32).toString('base64') }
}
