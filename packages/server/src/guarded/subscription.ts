import type { GuardedKind, MemberId, Right, UnsubscribedReason } from '@conclave/wire'
import type { Grant } from '../access/grant.ts'
import { randomMembershipId } from '../engine/membership-id.ts'
import type { MembershipId } from '../engine/membership-id.ts'
import type { Outbound } from '../session/outbound.ts'
import type { GuardedChannel } from './guarded-channel.ts'
import type { GuardedSubscriber } from './guarded-subscriber.ts'

/** The connection of a subscription. None of these may throw. */
export interface SubscriptionOwner {
  /** The way to the client. */
  readonly outbound: Outbound
  /** The channel is open from here on; `count` members are in it. */
  opened(subscription: Subscription, count: number): void
  /** The grant is over. */
  endGrant(subscription: Subscription, reason: UnsubscribedReason): void
}

/** One connection's stay in one guarded channel. */
export class Subscription implements GuardedSubscriber {
  readonly id: MembershipId = randomMembershipId()
  readonly channel: GuardedChannel
  readonly member: MemberId
  readonly info: string
  /** The id of the request that asked for it. */
  readonly request: number
  isOver = false
  /** The client was told that it is subscribed. */
  wasOpened = false
  grant: Grant
  readonly #owner: SubscriptionOwner

  constructor(options: {
    readonly channel: GuardedChannel
    readonly member: MemberId
    readonly info: string
    readonly grant: Grant
    readonly request: number
    readonly owner: SubscriptionOwner
  }) {
    this.channel = options.channel
    this.member = options.member
    this.info = options.info
    this.grant = options.grant
    this.request = options.request
    this.#owner = options.owner
  }

  get kind(): GuardedKind {
    return this.channel.kind
  }

  get isMember(): boolean {
    return this.kind === 'presence' && this.may('presence')
  }

  may(right: Right): boolean {
    return this.grant.rights.has(right)
  }

  opened(count: number): void {
    this.#owner.opened(this, count)
  }

  sendControl(text: string): void {
    this.#owner.outbound.send(text)
  }

  sendFrame(frame: Uint8Array): void {
    this.#owner.outbound.send(frame)
  }

  sendSignal(frame: Uint8Array): boolean {
    return this.#owner.outbound.sendUnlessSlow(frame)
  }

  /** The grant is over. */
  endGrant(reason: UnsubscribedReason): void {
    this.#owner.endGrant(this, reason)
  }
}
