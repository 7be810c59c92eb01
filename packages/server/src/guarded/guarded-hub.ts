import type { Clock } from '@conclave/base'
import { SERVER_SENDER } from '@conclave/wire'
import type { ChannelMember, MemberId, MessageId } from '@conclave/wire'
import type { AppLimits } from '../access/app.ts'
import type { AuthorizerChain } from '../access/chain.ts'
import type { Revocation, Revocations } from '../access/revocations.ts'
import type { Engine } from '../engine/engine.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { Counters } from '../ops/counters.ts'
import { AppShares } from './app-shares.ts'
import type { ChannelNames, GuardedAddress } from './channel-names.ts'
import type { GuardedChannel } from './guarded-channel.ts'
import { GuardedTable } from './guarded-table.ts'
import type { MemberPage } from './roster.ts'
import { Users } from './users.ts'

/** Something that happened in a guarded channel at this hub. */
export interface GuardedEvent extends GuardedAddress {
  /**
   * `occupied` and `vacated`: the first connection to this hub came, and the last one is gone for good; `memberAdded` and `memberRemoved`: the
   * first and the last one of a member.
   */
  readonly type: 'occupied' | 'vacated' | 'memberAdded' | 'memberRemoved'
  /** Of events about members. */
  readonly member?: ChannelMember
}

/** The guarded channels of a hub, for the program that runs it. spec G30 */
export interface GuardedApi {
  /**
   * Sends a payload to everyone in a channel, as the application's server. With nobody there it is `sent` too, and nothing is kept. `unavailable`:
   * the engine did not take it, or too much is published in the channel; give it again with the same id. You must seal what others must not read.
   *
   * @throws RangeError for a payload that no frame can carry
   */
  publish(
    message: GuardedAddress & {
      readonly id: MessageId
      readonly payload: Uint8Array
      /** It may be dropped, and has no position. */
      readonly isSignal?: boolean
    },
  ): Promise<'sent' | 'unavailable'>
  /** Members of a presence channel, as this hub knows them; none in channels without any. */
  members(of: GuardedAddress & { readonly after?: MemberId; readonly limit?: number }): MemberPage
  /** Ends grants before their time. @throws ServerError `ERR_SERVER_REVOCATIONS_FULL` */
  revoke(revocation: Revocation): void
  /** Calls a listener for what happens, until the returned function is called. It must not throw. */
  watch(listener: (event: GuardedEvent) => void): () => void
}

/** The parts of a {@link GuardedHub}. */
export interface GuardedHubOptions {
  readonly engine: Engine
  readonly limits: HubLimits
  readonly clock: Clock
  readonly counters: Counters
  readonly chain: AuthorizerChain
  readonly revocations: Revocations
  readonly names: ChannelNames
  /** The limits of an application, if it has some. */
  readonly limitsOf: (app: string) => AppLimits | undefined
  /** The engine failed where no caller waits for it. */
  readonly onFailure: () => void
}

/** The part of a hub for guarded channels, which its connections share. */
export class GuardedHub implements GuardedApi {
  readonly names: ChannelNames
  readonly chain: AuthorizerChain
  readonly revocations: Revocations
  readonly channels: GuardedTable
  readonly users: Users
  readonly apps: AppShares
  readonly onFailure: () => void
  /** How many subscriptions all connections have. */
  subscriptions = 0
  /** How much their members say about themselves, in characters. */
  infoBytes = 0
  readonly #limits: HubLimits
  readonly #clock: Clock
  readonly #listeners = new Set<(event: GuardedEvent) => void>()
  readonly #occupied = new Set<GuardedChannel>()

  constructor(options: GuardedHubOptions) {
    const { engine, limits, clock, counters, names, onFailure } = options
    this.#limits = limits
    this.#clock = clock
    this.names = names
    this.chain = options.chain
    this.revocations = options.revocations
    this.onFailure = onFailure
    this.users = new Users({ limits, clock })
    const apps = new AppShares({ limitsOf: options.limitsOf, clock })
    this.apps = apps
    this.channels = new GuardedTable({
      ...{ engine, limits, clock, names, apps, onFailure },
      onDelivered: (count) => (counters.delivered += count),
      onSignal: (isSent) => (counters.signals[isSent ? 'sent' : 'dropped'] += 1),
      onMember: (channel, { type, member }) => {
        if (type === 'changed') return
        if (channel.size > 0) this.occupied(channel)
        this.#tell(channel, { type: type === 'joined' ? 'memberAdded' : 'memberRemoved', member })
      },
      onDropped: (channel) => {
        if (this.#occupied.delete(channel)) this.#tell(channel, { type: 'vacated' })
      },
    })
    this.revocations.watch((revocation) => {
      const reason = REASONS[revocation.type]
      for (const subscription of this.users.endedBy(revocation)) subscription.endGrant(reason)
    })
  }

  /** Counts a message; `false` when too much is published in the channel, or by the application. spec G21 G23 */
  countPublish({ app, rate }: GuardedChannel): boolean {
    return rate.take(this.#clock.now()) && this.apps.countPublish(app)
  }

  /** A connection is in a channel. */
  occupied(channel: GuardedChannel): void {
    if (this.#occupied.has(channel)) return
    this.#occupied.add(channel)
    this.#tell(channel, { type: 'occupied' })
  }

  async publish({
    id,
    payload,
    isSignal = false,
    ...address
  }: Parameters<GuardedApi['publish']>[0]): ReturnType<GuardedApi['publish']> {
    if (payload.length < 1 || payload.length > this.#limits.maxPayloadBytes) {
      const most = this.#limits.maxPayloadBytes
      throw new RangeError(`"payload" expected 1 to ${most} bytes, got ${payload.length}`)
    }
    const message = { id, from: SERVER_SENDER, to: undefined, payload }
    let channel
    try {
      channel = await this.channels.acquire(address)
      if (channel === undefined || !this.countPublish(channel)) return 'unavailable'
      if (isSignal) channel.signal(message)
      else await channel.publish(message)
      return 'sent'
    } catch {
      this.onFailure()
      return 'unavailable'
    } finally {
      if (channel !== undefined) this.channels.release(channel)
    }
  }

  members({ after, limit, ...address }: Parameters<GuardedApi['members']>[0]): MemberPage {
    const channel = this.channels.find(address)
    return channel?.page(after ?? '', limit) ?? { members: [], total: 0, next: '' }
  }

  revoke(revocation: Revocation): void {
    this.revocations.revoke(revocation)
  }

  watch(listener: (event: GuardedEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tell({ address }: GuardedChannel, event: Omit<GuardedEvent, keyof GuardedAddress>): void {
    for (const listener of this.#listeners) listener({ ...address, ...event })
  }
}

/** The reason that a connection hears for each revocation. */
const REASONS = { user: 'revoked', token: 'revoked', kick: 'kicked', ban: 'banned' } as const
