import { BoundedMap, RateLimiter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { Grant } from '../access/grant.ts'
import { endsGrant } from '../access/revocations.ts'
import type { Revocation } from '../access/revocations.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { Subscription } from './subscription.ts'

/** The users with subscriptions at this hub: how many each has, and how much each publishes over all its connections. spec G20 */
export class Users {
  readonly #limits: HubLimits
  readonly #clock: Clock
  readonly #userByKey = new Map<string, User>()
  readonly #subscriptionsByToken = new Map<string, Set<Subscription>>()
  /** The buckets of users who left before theirs was full again. */
  readonly #buckets = new BoundedMap<string, RateLimiter>(MAX_BUCKETS)

  constructor({ limits, clock }: { readonly limits: HubLimits; readonly clock: Clock }) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Counts a subscription; `false` when its user has as many as it may. */
  add(subscription: Subscription): boolean {
    const key = keyOf(subscription.grant)
    const user = this.#userByKey.get(key) ?? this.#create(key)
    if (user.subscriptions.size >= this.#limits.subscriptionsPerUser) return false
    user.subscriptions.add(subscription)
    this.#addToken(subscription)
    return true
  }

  /** Gives its place back. */
  remove(subscription: Subscription): void {
    const key = keyOf(subscription.grant)
    const user = this.#userByKey.get(key)
    if (user?.subscriptions.delete(subscription) !== true) return
    this.#removeToken(subscription)
    if (user.subscriptions.size > 0) return
    this.#userByKey.delete(key)
    if (!user.rate.isIdle(this.#clock.now())) this.#buckets.set(key, user.rate)
  }

  /** Gives a subscription another grant of the same user. */
  renew(subscription: Subscription, grant: Grant): void {
    this.#removeToken(subscription)
    subscription.grant = grant
    this.#addToken(subscription)
  }

  /** Counts a message of a user; `false` when it publishes too much. */
  countPublish(grant: Grant): boolean {
    return this.#userByKey.get(keyOf(grant))?.rate.take(this.#clock.now()) ?? false
  }

  /** The subscriptions that a revocation ends. spec G24 */
  endedBy(revocation: Revocation): readonly Subscription[] {
    const candidates =
      revocation.type === 'token'
        ? this.#subscriptionsByToken.get(tokenKeyOf(revocation))
        : this.#userByKey.get(keyOf(revocation))?.subscriptions
    return [...(candidates ?? [])].filter(({ grant, channel }) =>
      endsGrant(revocation, { grant, channel: channel.address.channel }),
    )
  }

  #create(key: string): User {
    const { publishesPerUser: perSecond, publishBurstPerUser: burst } = this.#limits
    const rate = this.#buckets.get(key) ?? new RateLimiter({ perSecond, burst })
    this.#buckets.delete(key)
    const user = { subscriptions: new Set<Subscription>(), rate }
    this.#userByKey.set(key, user)
    return user
  }

  #addToken(subscription: Subscription): void {
    const key = tokenKeyOf(subscription.grant)
    const subscriptions = this.#subscriptionsByToken.get(key) ?? new Set()
    if (key !== '') this.#subscriptionsByToken.set(key, subscriptions.add(subscription))
  }

  #removeToken(subscription: Subscription): void {
    const key = tokenKeyOf(subscription.grant)
    const subscriptions = this.#subscriptionsByToken.get(key)
    subscriptions?.delete(subscription)
    if (subscriptions?.size === 0) this.#subscriptionsByToken.delete(key)
  }
}

interface User {
  readonly subscriptions: Set<Subscription>
  readonly rate: RateLimiter
}

const MAX_BUCKETS = 16_384

/** No id of an application has a space. */
const keyOf = ({ app, user }: { readonly app: string; readonly user: string }): string =>
  `${app} ${user}`

/** Empty for a grant without a token. */
const tokenKeyOf = ({
  app,
  tokenId,
}: {
  readonly app: string
  readonly tokenId?: string
}): string => (tokenId === undefined ? '' : `${app} ${tokenId}`)
