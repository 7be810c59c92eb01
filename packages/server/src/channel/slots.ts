/** A channel as a table of them sees it. */
export interface Slotted {
  /** Releases it at the engine. */
  detach(): Promise<void>
}

/** The parts of {@link Slots}. */
export interface SlotsOptions<C extends Slotted> {
  readonly maxSlots: number
  /** A channel without users is left in its slot while this says so; you must call `dropIfUnused` then. Default: never. */
  readonly isLingering?: (channel: C) => boolean
  /** A channel has left its slot. */
  readonly onDropped?: (channel: C) => void
  /** The engine failed where no caller waits for it. */
  readonly onFailure: () => void
}

/** Channels that several users share: attached for the first one, and detached after the last one. */
export class Slots<C extends Slotted> {
  readonly #options: SlotsOptions<C>
  readonly #slotByKey = new Map<string, Slot<C>>()
  #isClosed = false

  constructor(options: SlotsOptions<C>) {
    this.#options = options
  }

  /** How many channels there are. */
  get size(): number {
    return this.#slotByKey.size
  }

  /** The channel in a slot, attached or not yet. */
  find(key: string): C | undefined {
    return this.#slotByKey.get(key)?.channel
  }

  /**
   * The channel of a slot, attached. You must release it as often as you acquired it. Answers `undefined` when all slots are taken, and
   * rejects when the engine fails. `create` makes the channel of an empty slot, and answers `undefined` where it may not.
   */
  async acquire(key: string, create: () => Attaching<C> | undefined): Promise<C | undefined> {
    const slot = this.#slotByKey.get(key) ?? this.#create(key, create)
    if (slot === undefined) return undefined
    slot.users += 1
    try {
      await slot.attached
    } catch (error) {
      this.release(key, slot.channel)
      throw error
    }
    return slot.channel
  }

  /** Gives a channel back; the last release detaches it. */
  release(key: string, channel: C): void {
    const slot = this.#slotByKey.get(key)
    if (slot?.channel !== channel) return
    slot.users -= 1
    this.dropIfUnused(key, channel)
  }

  /** Detaches a channel that nobody uses, unless it lingers. */
  dropIfUnused(key: string, channel: C): void {
    const slot = this.#slotByKey.get(key)
    const { isLingering, onDropped, onFailure } = this.#options
    if (slot?.channel !== channel || slot.users > 0) return
    if (!this.#isClosed && isLingering?.(channel) === true) return
    this.#slotByKey.delete(key)
    onDropped?.(channel)
    slot.attached.then(() => channel.detach()).catch(onFailure)
  }

  /** Detaches all channels that nobody uses, those too that linger. */
  close(): void {
    this.#isClosed = true
    for (const [key, { channel }] of this.#slotByKey) this.dropIfUnused(key, channel)
  }

  #create(key: string, create: () => Attaching<C> | undefined): Slot<C> | undefined {
    if (this.#slotByKey.size >= this.#options.maxSlots) return undefined
    const attaching = create()
    if (attaching === undefined) return undefined
    const slot = { ...attaching, users: 0 }
    this.#slotByKey.set(key, slot)
    return slot
  }
}

/** A channel that is being attached. */
export interface Attaching<C extends Slotted> {
  readonly channel: C
  readonly attached: Promise<void>
}

interface Slot<C extends Slotted> extends Attaching<C> {
  users: number
}
