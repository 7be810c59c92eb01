import { decodeDataFrame, decodeMessageId, encodeDataFrame } from '@conclave/wire'
import type { MessageId, PublishFrame, RefusedReason, SignalFrame } from '@conclave/wire'
import type { GuardedHub } from '../guarded/guarded-hub.ts'
import type { Subscription } from '../guarded/subscription.ts'
import type { Subscriptions } from '../guarded/subscriptions.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { Membership, Memberships } from './memberships.ts'
import type { Outbound } from './outbound.ts'
import type { Publishing } from './publishing.ts'

/** The parts of a {@link Relay}. */
export interface RelayOptions {
  readonly limits: HubLimits
  readonly publishing: Publishing
  readonly memberships: Memberships
  readonly subscriptions: Subscriptions
  readonly guarded: GuardedHub
  readonly outbound: Outbound
  readonly refuse: (id: MessageId, reason: RefusedReason) => void
}

/** Takes the data frames of one connection to the channels that they name. */
export class Relay {
  readonly #options: RelayOptions

  constructor(options: RelayOptions) {
    this.#options = options
  }

  /** Handles one binary message. The bytes must not change before it resolves. */
  async take(bytes: Uint8Array): Promise<void> {
    const { limits, memberships, subscriptions, refuse } = this.#options
    const frame = decodeDataFrame(bytes, { maxPayloadBytes: Infinity })
    if (frame?.type !== 'publish' && frame?.type !== 'signal')
      return refuse(decodeMessageId(bytes), 'malformed')
    const { channel, id, payload } = frame
    if (payload.length > limits.maxPayloadBytes) return refuse(id, 'too-large')
    const membership = memberships.find(channel)
    if (membership !== undefined) return this.#toRoom(frame, membership)
    const subscription = subscriptions.find(channel)
    if (subscription === undefined) return refuse(id, 'unknown-channel')
    return this.#toGuarded(frame, subscription)
  }

  /** Rooms have no signals. spec G12 */
  async #toRoom(frame: PublishFrame | SignalFrame, membership: Membership): Promise<void> {
    const { memberships, publishing, refuse } = this.#options
    const { type, channel, id, to, payload } = frame
    if (type === 'signal') return refuse(id, 'denied')
    const isWanted = (): boolean => memberships.find(channel) === membership
    const message = { id, from: membership.participant, to, payload }
    const target = { channel: membership.channel, isWanted }
    this.#acknowledge(frame, await publishing.publish(message, target), isWanted)
  }

  /** spec G10 G11 G12 */
  async #toGuarded(frame: PublishFrame | SignalFrame, by: Subscription): Promise<void> {
    const { subscriptions, publishing, guarded, refuse } = this.#options
    const { type, channel: handle, id, to, payload } = frame
    const { channel, member: from, grant } = by
    const mayName = to === undefined || by.kind === 'presence'
    if (!by.may(type) || !mayName) return refuse(id, 'denied')
    const message = { id, from, to, payload }
    if (type === 'signal') return channel.signal(message, by)
    if (!guarded.users.countPublish(grant)) return refuse(id, 'rate')
    if (!guarded.countPublish(channel)) return refuse(id, 'unavailable')
    const isWanted = (): boolean => subscriptions.find(handle) === by && by.may('publish')
    const target = { channel: channel.from(by), isWanted }
    this.#acknowledge(frame, await publishing.publish(message, target), isWanted)
  }

  #acknowledge(
    { channel, id }: PublishFrame | SignalFrame,
    position: bigint | 'absent' | undefined,
    isWanted: () => boolean,
  ): void {
    const { outbound, refuse } = this.#options
    if (position === 'absent') return refuse(id, 'absent')
    if (position === undefined || !isWanted()) return
    outbound.send(encodeDataFrame({ type: 'ack', channel, position, id }))
  }
}
