import type { RoomId } from '@conclave/wire'
import { Channel } from './channel.ts'
import type { Engine } from '../engine/engine.ts'

/** What a {@link ChannelTable} needs. */
export interface ChannelTableOptions {
  readonly engine: Engine
  readonly maxRooms: number
  readonly onDelivered: () => void
  /** The engine failed where nobody waits for it. */
  readonly onFailure: () => void
}

/** The rooms that somebody at this hub is in or is entering. */
export class ChannelTable {
  readonly #options: ChannelTableOptions
  readonly #slotByRoom = new Map<RoomId, Slot>()

  constructor(options: ChannelTableOptions) {
    this.#options = options
  }

  /** How many rooms are open here. */
  get size(): number {
    return this.#slotByRoom.size
  }

  /**
   * Gives the channel of a room, attached, and keeps it until it is released as often as it was acquired;
   * `undefined` when the hub has no place for another room. Rejects when the engine fails.
   */
  async acquire(room: RoomId): Promise<Channel | undefined> {
    const slot = this.#slotByRoom.get(room) ?? this.#create(room)
    if (slot === undefined) return undefined
    slot.users += 1
    try {
      await slot.attached
    } catch (error) {
      this.release(slot.channel)
      throw error
    }
    return slot.channel
  }

  /** Gives a channel back; the last one lets go of the room. */
  release(channel: Channel): void {
    const slot = this.#slotByRoom.get(channel.room)
    if (slot?.channel !== channel) return
    slot.users -= 1
    if (slot.users > 0) return
    this.#slotByRoom.delete(channel.room)
    slot.attached.then(() => channel.detach()).catch(() => this.#options.onFailure())
  }

  #create(room: RoomId): Slot | undefined {
    if (this.#slotByRoom.size >= this.#options.maxRooms) return undefined
    const channel = new Channel(room, this.#options.onDelivered)
    const slot = { channel, attached: channel.attach(this.#options.engine), users: 0 }
    this.#slotByRoom.set(room, slot)
    return slot
  }
}

interface Slot {
  readonly channel: Channel
  readonly attached: Promise<void>
  users: number
}
