import type { Clock } from '@conclave/base'
import { channelKind, encodeMessage, RIGHTS } from '@conclave/wire'
import type {
  ChannelName,
  GuardedRequest,
  MembersMessage,
  RefreshMessage,
  Right,
  ServerMessage,
  SubscribeMessage,
  UnsubscribedReason,
  UnsubscribeMessage,
} from '@conclave/wire'
import { AccessGate } from '../access/access-gate.ts'
import type { AccessRequest, RequestFacts } from '../access/authorizer.ts'
import type { Verdict } from '../access/chain.ts'
import type { Grant } from '../access/grant.ts'
import { toConnectionLimits } from '../limits/hub-limits.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { Counters } from '../ops/counters.ts'
import type { Outbound } from '../session/outbound.ts'
import type { GuardedHub } from './guarded-hub.ts'
import { Subscription } from './subscription.ts'
import type { SubscriptionOwner } from './subscription.ts'

/** The parts of {@link Subscriptions}. */
export interface SubscriptionsOptions {
  readonly guarded: GuardedHub
  readonly limits: HubLimits
  readonly clock: Clock
  readonly counters: Counters
  readonly outbound: Outbound
  /** The nonce of the connection, base64url, and what is known of its request. */
  readonly nonce: string
  readonly facts: RequestFacts
  readonly refuse: (reason: 'malformed' | 'unknown-channel' | 'denied') => void
  /** The connection waits for an answer about its rights, until the returned function is called. */
  readonly onWaiting: () => () => void
  /** A channel is open to the connection. */
  readonly onOpened: (subscription: Subscription) => void
  /** A channel is closed to the connection. */
  readonly onClosed: () => void
}

/** The guarded channels that one connection is in or is entering. spec G1 */
export class Subscriptions implements SubscriptionOwner {
  readonly outbound: Outbound
  readonly #options: SubscriptionsOptions
  readonly #gate: AccessGate
  /** Channels that the connection is in, or asks for. */
  readonly #names = new Set<ChannelName>()
  readonly #openByHandle = new Map<number, Subscription>()
  /** Those that have a place, open or about to be. */
  readonly #held = new Set<Subscription>()
  #ended: 'left' | 'lost' | undefined
  #timer: unknown

  constructor(options: SubscriptionsOptions) {
    const { guarded, clock, outbound } = options
    this.#options = options
    this.outbound = outbound
    this.#gate = new AccessGate({ chain: guarded.chain, clock })
  }

  /** How many channels the connection is in. */
  get size(): number {
    return this.#openByHandle.size
  }

  /** The subscription that a data frame names. */
  find(handle: number): Subscription | undefined {
    return this.#openByHandle.get(handle)
  }

  /** Handles a message about guarded channels. */
  take(message: GuardedRequest): Promise<void> | void {
    switch (message.type) {
      case 'subscribe':
        return this.#subscribe(message)
      case 'unsubscribe':
        return this.#unsubscribe(message)
      case 'refresh':
        return this.#refresh(message)
      case 'members':
        return this.#members(message)
    }
  }

  /** Leaves every channel, and enters none from here on. */
  end(reason: 'left' | 'lost'): void {
    this.#ended = reason
    this.#gate.stop()
    this.#options.clock.clearTimeout(this.#timer)
    for (const subscription of this.#held) this.#release(subscription, reason)
    this.#openByHandle.clear()
  }

  /** Asks for rights in a channel, and opens it. spec G4 G5 */
  async #subscribe(message: SubscribeMessage): Promise<void> {
    const { id, channel } = message
    const { guarded, refuse, onWaiting } = this.#options
    if (this.#names.has(channel)) return refuse('malformed')
    this.#names.add(channel)
    const stopWaiting = onWaiting()
    try {
      const verdict = await this.#decide(message)
      const result = verdict.type === 'granted' ? await this.#open(message, verdict.grant) : verdict
      if (result !== 'opened') this.#answer(id, result)
    } catch {
      guarded.onFailure()
      this.#answer(id, NO_PLACE)
    } finally {
      stopWaiting()
      if (!this.#isOpen(channel)) this.#names.delete(channel)
    }
  }

  /** Leaves a channel for good. spec G6 */
  #unsubscribe({ channel }: UnsubscribeMessage): void {
    const subscription = this.find(channel)
    if (subscription === undefined) return this.#options.refuse('unknown-channel')
    this.#close(subscription)
  }

  /** Asks for the rights of a subscription for longer. spec G7 */
  async #refresh({ id, channel: handle, token }: RefreshMessage): Promise<void> {
    const { guarded, refuse } = this.#options
    const subscription = this.find(handle)
    if (subscription === undefined) return refuse('unknown-channel')
    const { channel } = subscription.channel.address
    const wants = rightsOf(subscription.grant)
    const verdict = await this.#decide({ channel, wants, token })
    if (verdict.type === 'unavailable') return this.#answer(id, verdict)
    const isRenewed =
      verdict.type === 'granted' &&
      this.find(handle) === subscription &&
      isSameHolder(verdict.grant, subscription.grant) &&
      guarded.revocations.isRevoked(verdict.grant, channel) === undefined
    if (!isRenewed) return this.#answer(id, DENIED)
    this.#renew(subscription, verdict.grant)
    const { grant } = subscription
    const expiresInMs = this.#leftMs(grant)
    this.#send({ type: 'refreshed', id, rights: rightsOf(grant), expiresInMs })
  }

  /** Names members of a presence channel. spec G18 */
  #members({ id, channel, after }: MembersMessage): void {
    const subscription = this.find(channel)
    if (subscription === undefined) return this.#options.refuse('unknown-channel')
    if (!subscription.isMember) return this.#options.refuse('denied')
    this.#send({ type: 'memberPage', id, ...subscription.channel.page(after) })
  }

  /** As {@link SubscriptionOwner.opened}. */
  opened(subscription: Subscription, count: number): void {
    const { channel, grant, member, request: id } = subscription
    const { limits, onOpened, guarded } = this.#options
    this.#openByHandle.set(channel.handle, subscription)
    subscription.wasOpened = true
    this.#send({
      ...{ type: 'subscribed', id, channel: channel.handle, member, rights: rightsOf(grant) },
      ...{ expiresInMs: this.#leftMs(grant), count, limits: toConnectionLimits(limits) },
    })
    onOpened(subscription)
    this.#watchExpiry()
    // Last: the program may end the grant when it hears of it.
    guarded.occupied(channel)
  }

  /** The grant is over: nothing is sent to the channel or comes from it after this. spec G8 */
  endGrant(subscription: Subscription, reason: UnsubscribedReason): void {
    if (!this.#held.has(subscription)) return
    const { handle } = subscription.channel
    if (this.find(handle) !== subscription) return this.#release(subscription, 'left')
    this.#options.counters.grantsEnded[reason] += 1
    this.#send({ type: 'unsubscribed', channel: handle, reason })
    this.#close(subscription)
  }

  #decide(request: Pick<AccessRequest, 'channel' | 'wants'> & { token: string }): Promise<Verdict> {
    const { nonce, facts } = this.#options
    const { channel, wants, token } = request
    return this.#gate.decide({
      ...{ channel, wants, nonce, facts },
      kind: channelKind(channel as ChannelName),
      token: token === '' ? undefined : token,
      host: facts.header('host'),
    })
  }

  /** `opened` after the method of that name; every other answer is one that the client gets. */
  async #open(message: SubscribeMessage, grant: Grant): Promise<'opened' | Refusal> {
    const { guarded, limits } = this.#options
    const { id: request, channel: name, info } = message
    const isFull = this.#held.size >= limits.subscriptionsPerConnection
    if (isFull || this.#ended !== undefined) return NO_PLACE
    const channel = await guarded.channels.acquire({ app: grant.app, channel: name })
    if (channel === undefined) return NO_PLACE
    const { lane } = channel
    const member = await guarded.names.member({ lane, user: grant.user, device: grant.device })
    const options = { channel, member, info, grant, request }
    const subscription = new Subscription({ ...options, owner: this })
    if (!this.#hold(subscription)) {
      guarded.channels.release(channel)
      return NO_PLACE
    }
    try {
      // From here on a revocation finds the subscription.
      if (guarded.revocations.isRevoked(grant, name) !== undefined) return DENIED
      if ((await channel.open(subscription)) === 'full') return NO_PLACE
      return subscription.wasOpened ? 'opened' : DENIED
    } catch (error) {
      // The engine told of the entry, and its answer got lost.
      if (!subscription.wasOpened) throw error
      return 'opened'
    } finally {
      if (this.find(channel.handle) !== subscription)
        this.#release(subscription, this.#ended ?? 'lost')
    }
  }

  #renew(subscription: Subscription, grant: Grant): void {
    const { guarded } = this.#options
    const wasMember = subscription.isMember
    guarded.users.renew(subscription, grant)
    if (wasMember && !subscription.isMember)
      subscription.channel.hide(subscription, 'left').catch(guarded.onFailure)
    this.#watchExpiry()
  }

  #close(subscription: Subscription): void {
    const { channel } = subscription
    this.#openByHandle.delete(channel.handle)
    this.#names.delete(channel.address.channel)
    this.#release(subscription, 'left')
    this.#watchExpiry()
    this.#options.onClosed()
  }

  #hold(subscription: Subscription): boolean {
    const { guarded, limits } = this.#options
    if (this.#ended !== undefined || this.#held.size >= limits.subscriptionsPerConnection)
      return false
    if (guarded.subscriptions >= limits.subscriptions) return false
    if (guarded.infoBytes + subscription.info.length > limits.presenceInfoBytes) return false
    const { app } = subscription.grant
    if (!guarded.apps.addConnection(app, this)) return false
    if (!guarded.users.add(subscription)) {
      guarded.apps.removeConnection(app, this)
      return false
    }
    guarded.subscriptions += 1
    guarded.infoBytes += subscription.info.length
    this.#held.add(subscription)
    return true
  }

  /** Ends a stay once, and releases its channel when the others have been told. */
  #release(subscription: Subscription, reason: 'left' | 'lost'): void {
    if (!this.#held.delete(subscription)) return
    const { guarded } = this.#options
    const { channel } = subscription
    subscription.isOver = true
    guarded.subscriptions -= 1
    guarded.infoBytes -= subscription.info.length
    guarded.users.remove(subscription)
    guarded.apps.removeConnection(subscription.grant.app, this)
    channel
      .close(subscription, reason)
      .catch(guarded.onFailure)
      .finally(() => guarded.channels.release(channel))
  }

  #isOpen(name: ChannelName): boolean {
    return [...this.#openByHandle.values()].some(({ channel }) => channel.address.channel === name)
  }

  #watchExpiry(): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#timer)
    if (this.#openByHandle.size === 0) return
    const left = Array.from(this.#openByHandle.values(), ({ grant }) => this.#leftMs(grant))
    this.#timer = clock.setTimeout(() => this.#expire(), Math.min(...left, MAX_WAIT_MS))
  }

  #expire(): void {
    for (const subscription of this.#openByHandle.values())
      if (this.#leftMs(subscription.grant) === 0) this.endGrant(subscription, 'expired')
    this.#watchExpiry()
  }

  #leftMs({ untilMs }: Grant): number {
    return Math.min(Math.max(0, Math.ceil(untilMs - this.#options.clock.now())), MAX_WAIT_MS)
  }

  #answer(id: number, { type, ...refusal }: Refusal): void {
    this.#options.counters.decisions[type] += 1
    const retryAfterMs = 'retryAfterMs' in refusal ? refusal.retryAfterMs : 0
    this.#send(type === 'denied' ? { type, id } : { type, id, retryAfterMs })
  }

  #send(message: ServerMessage): void {
    this.outbound.send(encodeMessage(message))
  }
}

type Refusal = Exclude<Verdict, { readonly type: 'granted' }>

const DENIED: Refusal = { type: 'denied' }
/** There is a grant, and no place for it, or the engine is away. */
const NO_PLACE: Refusal = { type: 'unavailable', retryAfterMs: 5000 }
/** No grant is longer; and timers take less than 2^31. */
const MAX_WAIT_MS = 86_400_000

/** In the order in which messages list them. */
const rightsOf = ({ rights }: Grant): readonly Right[] =>
  RIGHTS.filter((right) => rights.has(right))

const isSameHolder = (one: Grant, other: Grant): boolean =>
  one.app === other.app && one.user === other.user && one.device === other.device
