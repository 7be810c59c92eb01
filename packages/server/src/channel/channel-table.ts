import type { RoomId } from '@conclave/wire'
import type { Engine } from '../engine/engine.ts'
import { Channel } from './channel.ts'
import { Slots } from './slots.ts'

/** The parts of a {@link ChannelTable}. */
export interface ChannelTableOptions {
  readonly engine: Engine
  readonly maxChannels: number
  /** Says to how many connections a message was given. */
  readonly onDelivered: (count: number) => void
  /** Called when the engine fails where no caller waits for it. */
  readonly onFailure: () => void
}

/** The rooms of this hub: those that a connection is in or is entering. */
export class ChannelTable {
  readonly #options: ChannelTableOptions
  readonly #slots: Slots<Channel>

  constructor(options: ChannelTableOptions) {
    this.#options = options
    this.#slots = new Slots({ ...options, maxSlots: options.maxChannels })
  }

  /** How many channels are open here. */
  get size(): number {
    return this.#slots.size
  }

  /**
   * The channel of a room, attached. You must release it as often as you acquired it. Answers `undefined` when the hub
   * takes no more channels, and rejects when the engine fails.
   */
  acquire(room: RoomId): Promise<Channel | undefined> {
    const { engine, onDelivered } = this.#options
    return this.#slots.acquire(room, () => {
      const channel = new Channel(room, onDelivered)
      return { channel, attached: channel.attach(engine) }
    })
  }

  /** Gives a channel back; the last release detaches it. */
  release(channel: Channel): void {
    this.#slots.release(channel.room, channel)
  }
}
