import { Slots } from '../channel/slots.ts'
import type { Engine } from '../engine/engine.ts'
import type { AppShares } from './app-shares.ts'
import type { ChannelNames, GuardedAddress } from './channel-names.ts'
import { GuardedChannel } from './guarded-channel.ts'
import type { GuardedChannelContext } from './guarded-channel.ts'

/** The parts of a {@link GuardedTable}. */
export interface GuardedTableOptions extends Omit<GuardedChannelContext, 'onQuiet'> {
  readonly engine: Engine
  readonly names: ChannelNames
  readonly apps: AppShares
  /** Nobody is in a channel, and nobody is waited for. */
  readonly onDropped: (channel: GuardedChannel) => void
  /** The engine failed where no caller waits for it. */
  readonly onFailure: () => void
}

/** The guarded channels of this hub: those that a connection is in or is entering, or may come back to. */
export class GuardedTable {
  readonly #options: GuardedTableOptions
  readonly #slots: Slots<GuardedChannel>

  constructor(options: GuardedTableOptions) {
    const { limits, apps, onFailure } = options
    this.#options = options
    this.#slots = new Slots({
      ...{ maxSlots: limits.guardedChannels, onFailure },
      onDropped: (channel) => {
        apps.removeChannel(channel.app)
        options.onDropped(channel)
      },
      isLingering: (channel) => channel.isLingering,
    })
  }

  /** How many channels are open here. */
  get size(): number {
    return this.#slots.size
  }

  /** The channel, if it is open here. */
  find(address: GuardedAddress): GuardedChannel | undefined {
    return this.#slots.find(keyOf(address))
  }

  /** The channel, attached; see {@link Slots.acquire}. */
  acquire(address: GuardedAddress): Promise<GuardedChannel | undefined> {
    const { engine, names, apps } = this.#options
    const key = keyOf(address)
    return this.#slots.acquire(key, () => {
      if (!apps.addChannel(address.app)) return undefined
      const onQuiet = (quiet: GuardedChannel): void => this.#slots.dropIfUnused(key, quiet)
      const channel = new GuardedChannel(address, { ...this.#options, onQuiet })
      return { channel, attached: names.lane(address).then((lane) => channel.attach(engine, lane)) }
    })
  }

  /** Gives a channel back; the last release detaches it, unless somebody is waited for. */
  release(channel: GuardedChannel): void {
    this.#slots.release(keyOf(channel.address), channel)
  }

  /** Waits for nobody from here on. */
  close(): void {
    this.#slots.close()
  }
}

/** No id of an application has a space. */
const keyOf = ({ app, channel }: GuardedAddress): string => `${app} ${channel}`
