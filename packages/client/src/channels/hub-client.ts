/**
 * One connection to a hub for many guarded channels.
 *
 * @module
 */
import type { AnyEvents } from '@conclave/adapters'
import { type Clock, Emitter, systemClock } from '@conclave/base'
import { type ChannelName, type DataFrame, parseChannelName } from '@conclave/wire'
import {
  ADDRESS,
  checkArgument,
  checkMembers,
  CLOCK,
  FUNCTION,
  type Kind,
  type Kinds,
  OBJECT,
  optional,
  WAKE_SIGNALS,
  wrongArgument,
} from '../arguments.ts'
import { ClientError } from '../errors.ts'
import { KeptConnection } from '../hub/kept-connection.ts'
import { unreachableHub, type UnreachableProblem } from '../hub/unreachable-hub.ts'
import { isOutOfReach, pageWakeSignals, type WakeSignals } from '../hub/wake-signals.ts'
import type { TransportEnd } from '../transport.ts'
import { type Authorize, Authorizing } from './authorizing.ts'
import type { HubChannelOptions, HubEventName } from './channel-api.ts'
import type { ChannelEnd } from './channel-end.ts'
import { errorOfState } from './channel-state.ts'
import { createHubChannel, type GuardedChannel } from './create-hub-channel.ts'
import { HubChannel } from './hub-channel.ts'
import { HubLine, type Told } from './hub-line.ts'
import { Publisher } from './publisher.ts'

/** The needs of a {@link HubClient}. */
export interface HubClientOptions {
  /** The hub's WebSocket address, `ws:` or `wss:`, without query or fragment. */
  readonly url: string
  readonly authorize: Authorize
  readonly clock?: Clock
  /** Tell when to look after the connection at once; those of the page when left out. spec R22 */
  readonly wakeSignals?: WakeSignals
}

/** The state of the connection to a hub. */
export type HubClientState = 'idle' | 'connecting' | 'up' | 'waiting' | 'ended'

/**
 * A client of a hub's private and presence channels. It connects when the first channel is asked for, comes back when the
 * connection is lost, and hangs up when no channel is left.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT`
 */
export function connectHub(options: HubClientOptions): HubClient {
  checkMembers('options', options, OPTIONS)
  return new HubClient(options)
}

/** A client of a hub. Made by {@link connectHub}. */
export class HubClient {
  readonly #options: HubClientOptions
  readonly #clock: Clock
  readonly #authorizing: Authorizing
  readonly #publisher: Publisher
  readonly #channelByName = new Map<ChannelName, GuardedChannel>()
  readonly #channelByHandle = new Map<number, GuardedChannel>()
  readonly #emitter = new Emitter<{ readonly stateChanged: HubClientState }>()
  #kept: KeptConnection<HubLine> | undefined
  #stopWaking: (() => void) | undefined
  #isEnded = false

  get [Symbol.toStringTag](): string {
    return 'HubClient'
  }

  /** Not for applications: call {@link connectHub}, which checks the options. */
  constructor(options: HubClientOptions) {
    const { url, authorize, clock = systemClock } = options
    this.#options = options
    this.#clock = clock
    this.#authorizing = new Authorizing({ authorize, clock, host: new URL(url).host })
    this.#publisher = new Publisher(clock)
  }

  /** The state of the connection; each change calls the handlers of `stateChanged`. */
  get state(): HubClientState {
    return this.#isEnded ? 'ended' : (this.#kept?.type ?? 'idle')
  }

  /** The channels that are open, or are to be. */
  get channels(): readonly ChannelName[] {
    return [...this.#channelByName.keys()]
  }

  /**
   * Asks for a channel: `private-…` or `presence-…`. Its kind, its keys and its rights stand in `options`.
   *
   * @throws TypeError, RangeError that name the argument, also for a channel that is here already
   * @throws ClientError `ERR_CLIENT_CLOSED` after `close`; `ERR_CLIENT_OVERFLOW` for more than 256 channels
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  channel<Events extends object = AnyEvents, Clear extends HubEventName<Events> = never>(
    name: string,
    options: HubChannelOptions<Events, Clear>,
  ): HubChannel<Events, Clear> {
    checkArgument('name', name, CHANNEL_NAME)
    checkArgument('options', options, OBJECT)
    const channelName = name as ChannelName
    if (this.#isEnded) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    if (this.#channelByName.has(channelName)) {
      throw wrongArgument('name', name, 'a channel that is not here already')
    }
    if (this.#channelByName.size >= MAX_CHANNELS) {
      throw new ClientError('ERR_CLIENT_OVERFLOW', undefined)
    }
    const channel = createHubChannel(channelName, options as HubChannelOptions, {
      ...{ clock: this.#clock, authorizing: this.#authorizing, publisher: this.#publisher },
      changed: (changed) => this.#changed(changed),
    })
    const line = this.#kept?.current
    if (this.#kept === undefined) this.#begin()
    this.#channelByName.set(channelName, channel)
    if (line !== undefined) channel.subscription.up(line)
    return new HubChannel<Events, Clear>(channel)
  }

  /** Calls `handler` with each new state of the connection, until the returned function is called. */
  on(type: 'stateChanged', handler: (state: HubClientState) => void): () => void {
    checkArgument('handler', handler, FUNCTION)
    return this.#emitter.on(type, handler)
  }

  /** Finds out why the hub cannot be reached, as far as it can be known: for a client that is `waiting`. Never rejects. spec R231 */
  async examine(): Promise<UnreachableProblem> {
    return unreachableHub(this.#options.url, this.#clock).examine()
  }

  /** Makes an attempt that waits at once, and probes a connection that stands. spec R22 */
  wake(): void {
    this.#kept?.wake()
  }

  /** Leaves all channels and hangs up. Idempotent. */
  async close(): Promise<void> {
    const channels = [...this.#channelByName.values()]
    this.#end('closed')
    await Promise.all(channels.map(({ closed }) => closed))
  }

  /** {@link HubClient.close} */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Only the page's policy knows which addresses it may open. spec R42 */
  #begin(): void {
    const { url, wakeSignals = pageWakeSignals() } = this.#options
    const kept: KeptConnection<HubLine> = new KeptConnection({
      clock: this.#clock,
      connect: () => this.#connect(kept),
      isOffline: () => isOutOfReach(url, wakeSignals),
      down: ({ wasUp }) => this.#down(wasUp),
      ended: (end) => this.#end(CHANNEL_ENDS[end]),
    })
    try {
      kept.start()
    } catch (cause) {
      const error = wrongArgument('url', url, 'an address that this page may open')
      throw Object.assign(error, { cause })
    }
    this.#kept = kept
    this.#stopWaking = wakeSignals.subscribe(() => this.wake())
    this.#emitter.emit('stateChanged', this.state)
  }

  #connect(kept: KeptConnection<HubLine>): HubLine {
    const line: HubLine = new HubLine(
      { url: this.#options.url, clock: this.#clock },
      {
        stands: () => {
          kept.stands()
          this.#emitter.emit('stateChanged', this.state)
          for (const { subscription } of this.#channelByName.values()) subscription.up(line)
        },
        told: (message) => this.#told(message),
        frame: (frame) => this.#frame(frame),
        closed: (end) => kept.lost(end),
      },
    )
    return line
  }

  #down(wasUp: boolean): void {
    if (wasUp) {
      for (const { subscription } of this.#channelByName.values()) subscription.down()
      this.#publisher.down()
    }
    this.#emitter.emit('stateChanged', this.state)
  }

  #told(message: Told): void {
    switch (message.type) {
      case 'refused':
        return this.#publisher.refused(message)
      case 'unsubscribed':
        return this.#channelByHandle.get(message.channel)?.subscription.unsubscribed(message.reason)
      case 'memberJoined':
      case 'memberLeft':
      case 'memberCount':
        return this.#channelByHandle.get(message.channel)?.members?.told(message)
      default:
      // The hub speaks of a room, which this connection is in none of.
    }
  }

  #frame(frame: DataFrame): void {
    if (frame.type === 'ack') return this.#publisher.acknowledged(frame.id)
    if (frame.type === 'publish' || frame.type === 'signal') return
    this.#channelByHandle.get(frame.channel)?.deliver(frame)
  }

  #changed(channel: GuardedChannel): void {
    const { subscription } = channel
    const { name, state, handle } = subscription
    for (const [known, other] of this.#channelByHandle) {
      if (other === channel) this.#channelByHandle.delete(known)
    }
    if (handle !== undefined) this.#channelByHandle.set(handle, channel)
    if (state.type === 'open') return this.#publisher.opened(subscription)
    const error = errorOfState(name, state)
    if (error === undefined) return this.#publisher.left(subscription)
    this.#publisher.ended(subscription, error)
    this.#channelByName.delete(name)
    if (this.#channelByName.size === 0) this.#hangUp()
  }

  /** Without a channel there is nothing to be connected for. */
  #hangUp(): void {
    this.#stopWaking?.()
    this.#kept?.end()
    this.#kept = undefined
    this.#publisher.down()
    this.#emitter.emit('stateChanged', this.state)
  }

  #end(reason: ChannelEnd): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const { subscription } of [...this.#channelByName.values()]) subscription.end(reason)
    if (this.#kept !== undefined) this.#hangUp()
    this.#emitter.clear()
  }
}

const CHANNEL_ENDS: Readonly<Record<TransportEnd, ChannelEnd>> = {
  left: 'closed',
  full: 'full',
  refused: 'refused',
  replaced: 'refused',
  removed: 'refused',
}
const OPTIONS: Kinds<HubClientOptions> = {
  url: ADDRESS,
  authorize: FUNCTION,
  clock: optional(CLOCK),
  wakeSignals: optional(WAKE_SIGNALS),
}
const CHANNEL_NAME: Kind = [
  'the name of a private or presence channel',
  (value) => parseChannelName(value) !== undefined,
]
const MAX_CHANNELS = 256
