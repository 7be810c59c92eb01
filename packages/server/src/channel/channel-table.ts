import type { RoomId } from '@conclave/wire'
import type { Engine } from '../engine/engine.ts'
import { Channel } from './channel.ts'

/** The parts of a {@link ChannelTable}. */
export interface ChannelTableOptions {
  readonly engine: Engine
  readonly maxChannels: number
  /** Says to how many connections a message was given. */
  readonly onDelivered: (count: number) => void
  /** Called when the engine fails where no caller waits for it. */
  readonly onFailure: () => void
}

/** The channels of this hub: those that a connection is in or is entering. */
export class ChannelTable {
  readonly #options: ChannelTableOptions
  readonly #slotByRoom = new Map<RoomId, Slot>()

  constructor(options: ChannelTableOptions) {
    this.#options = options
  }

  /** How many channels are open here. */
  get size(): number {
    return this.#slotByRoom.size
  }

  /**
   * The channel of a room, attached. You must release it as often as you acquired it. Answers `undefined` when the hub
   * takes no more channels, and rejects when the engine fails.
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

  /** Gives a channel back; the last release detaches it. */
  release(channel: Channel): void {
    const slot = this.#slotByRoom.get(channel.room)
    if (slot?.channel !== channel) return
    slot.users -= 1
    if (slot.users > 0) return
    this.#slotByRoom.delete(channel.room)
    slot.attached.then(() => channel.detach()).catch(() => this.#options.onFailure())
  }

  #create(room: RoomId): Slot | undefined {
    const { engine, maxChannels, onDelivered } = this.#options
    if (this.#slotByRoom.size >= maxChannels) return undefined
    const channel = new Channel(room, onDelivered)
    const slot = { channel, attached: channel.attach(engine), users: 0 }
    this.#slotByRoom.set(room, slot)
    return slot
  }
}

interface Slot {
  readonly channel: Channel
  readonly attached: Promise<void>
  users: number
}
