import { BoundedMap, RateLimiter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import {
  bytesToParticipantId,
  channelKind,
  encodeDataFrame,
  encodeMessage,
  ID_BYTES,
} from '@conclave/wire'
import type {
  ChannelMember,
  GuardedKind,
  MemberId,
  ParticipantId,
  ServerMessage,
} from '@conclave/wire'
import { randomBytes } from '@conclave/crypto/verify'
import type {
  Engine,
  EngineChannel,
  EngineEvent,
  EngineMessage,
  EnterResult,
} from '../engine/engine.ts'
import type { Lane } from '../engine/lane.ts'
import type { MembershipId } from '../engine/membership-id.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { PublishTarget } from '../session/publishing.ts'
import type { GuardedAddress } from './channel-names.ts'
import { decodeMember, encodeMember } from './member-data.ts'
import { PresenceNews } from './presence-news.ts'
import { Roster } from './roster.ts'
import type { MemberPage, RosterChange } from './roster.ts'
import type { GuardedSubscriber } from './guarded-subscriber.ts'

/** The parts that all guarded channels of a hub share. */
export interface GuardedChannelContext {
  readonly limits: HubLimits
  readonly clock: Clock
  /** Says to how many connections a message was given. */
  readonly onDelivered: (count: number) => void
  readonly onSignal: (isSent: boolean) => void
  /** A member came to this hub, whatever others it is at, or is gone from it for good. */
  readonly onMember: (channel: GuardedChannel, change: RosterChange) => void
  /** Nobody is waited for in the channel any longer. */
  readonly onQuiet: (channel: GuardedChannel) => void
}

/** One guarded channel at this hub: its members, as the engine told, and the subscriptions of this hub. spec G10 */
export class GuardedChannel {
  readonly app: string
  readonly kind: GuardedKind
  readonly address: GuardedAddress
  /** Bounds what is published in it. spec G21 */
  readonly rate: RateLimiter
  readonly #context: GuardedChannelContext
  /** Those of a presence channel. */
  readonly #roster: Roster | undefined
  /** Those of them that have a connection to this hub. */
  readonly #here: Roster | undefined
  readonly #news: PresenceNews | undefined
  readonly #subscriptions = new Map<MembershipId, GuardedSubscriber>()
  /** Subscriptions of which the engine has not told that they entered. */
  readonly #entering = new Map<MembershipId, GuardedSubscriber>()
  /** The entries of members at the engine. */
  readonly #entries = new Map<GuardedSubscriber, Entry>()
  /** The connections that published what the engine has not told yet: they are not given it. */
  readonly #publishing = new BoundedMap<string, GuardedSubscriber>(MAX_PUBLISHING)
  readonly #leaving = new Set<Promise<void>>()
  #engine: EngineChannel | undefined
  #lane: Lane | undefined
  #handle = 0
  #isAttached = false

  constructor(address: GuardedAddress, context: GuardedChannelContext) {
    const { limits, clock } = context
    this.address = address
    this.app = address.app
    this.kind = channelKind(address.channel)
    this.#context = context
    const { publishesPerChannel, publishBurstPerChannel } = limits
    this.rate = new RateLimiter({ perSecond: publishesPerChannel, burst: publishBurstPerChannel })
    if (this.kind === 'private') return
    const graceMs = limits.presenceGraceMs
    const roster = new Roster({ clock, graceMs, onChange: (change) => this.#changed(change) })
    this.#roster = roster
    this.#here = new Roster({ clock, graceMs, onChange: (change) => this.#changedHere(change) })
    this.#news = new PresenceNews({
      clock,
      listMembers: limits.presenceListMembers,
      count: () => roster.size,
      handle: () => this.#handle,
      tell: (message, change) => this.#tell(message, change),
    })
  }

  /** Names this channel in data frames. */
  get handle(): number {
    return this.#handle
  }

  /** Names this channel to the engine. You must not ask before it is attached. */
  get lane(): Lane {
    if (this.#lane === undefined) throw new Error('unreachable: a channel that is not attached')
    return this.#lane
  }

  /** The members after one; none in a private channel. */
  page(after: MemberId | '', limit?: number): MemberPage {
    return this.#roster?.page(after, limit) ?? NO_MEMBERS
  }

  /** How many connections of this hub are subscribed, or about to be. */
  get size(): number {
    return this.#subscriptions.size + this.#entering.size
  }

  /** Whether the channel must stay, because somebody who was lost may come again. */
  get isLingering(): boolean {
    return this.#roster?.isWaiting === true || this.#here?.isWaiting === true
  }

  /** Connects the channel to the engine. You must await it before you call anything else. */
  async attach(engine: Engine, lane: Lane): Promise<void> {
    this.#lane = lane
    this.#engine = await engine.attach(lane, (event) => this.#apply(event))
  }

  /** Releases the channel at the engine, after those who leave have left. */
  async detach(): Promise<void> {
    this.#roster?.stop()
    this.#here?.stop()
    this.#news?.stop()
    await Promise.all(this.#leaving)
    await this.#engine?.detach()
  }

  /** Opens the channel to a subscription: `opened` of it is called before `entered` is answered. Rejects when the engine fails. */
  async open(subscription: GuardedSubscriber): Promise<EnterResult> {
    const { subscribersPerChannel } = this.#context.limits
    if (this.size >= subscribersPerChannel) return 'full'
    if (!subscription.isMember) {
      this.#opened(subscription)
      return 'entered'
    }
    const { id: membership } = subscription
    const data = encodeMember(memberOf(subscription))
    const participant = randomParticipant()
    this.#entering.set(membership, subscription)
    const entered = this.#attached.enter({
      ...{ participant, membership, data },
      maxParticipants: subscribersPerChannel,
    })
    const entry: Entry = { participant, entered, isEntered: false }
    this.#entries.set(subscription, entry)
    try {
      return await entered
    } finally {
      entry.isEntered = true
      this.#entering.delete(membership)
    }
  }

  /** Gives a subscription nothing from here on. Resolves when the others have been told; rejects when the engine fails. */
  async close(subscription: GuardedSubscriber, reason: 'left' | 'lost'): Promise<void> {
    this.#subscriptions.delete(subscription.id)
    for (const [key, by] of this.#publishing) if (by === subscription) this.#publishing.delete(key)
    await this.hide(subscription, reason)
  }

  /** Ends the stay of a subscription among the members; it goes on to get messages. */
  async hide(subscription: GuardedSubscriber, reason: 'left' | 'lost'): Promise<void> {
    const entry = this.#entries.get(subscription)
    if (entry === undefined) return
    this.#entries.delete(subscription)
    const { participant, entered, isEntered } = entry
    const leave = (): Promise<void> =>
      this.#attached.leave({ participant, membership: subscription.id, reason })
    // One that is entering leaves after that, or it would stay.
    const leaving = isEntered ? leave() : entered.then(leave, leave)
    this.#leaving.add(leaving)
    try {
      await leaving
    } finally {
      this.#leaving.delete(leaving)
    }
  }

  /** Gives a message its position; `absent` when its one recipient has no connection. It is not delivered to `by`. spec G10 G11 */
  async publish(message: EngineMessage, by?: GuardedSubscriber): Promise<bigint | 'absent'> {
    if (!this.#isReachable(message.to)) return 'absent'
    const key = keyOf(message)
    if (by !== undefined) this.#publishing.set(key, by)
    const { position, duplicate } = await this.#attached.publish(message)
    if (duplicate && this.#publishing.get(key) === by) this.#publishing.delete(key)
    return position
  }

  /** The channel as a subscription publishes in it. */
  from(by: GuardedSubscriber): PublishTarget {
    return { publish: (message) => this.publish(message, by) }
  }

  /** Sends a message that may be dropped. spec G12 */
  signal(message: EngineMessage, by?: GuardedSubscriber): void {
    if (!this.#isReachable(message.to)) return this.#context.onSignal(false)
    const key = keyOf(message)
    if (by !== undefined) this.#publishing.set(key, by)
    this.#attached.signal(message)
  }

  get #attached(): EngineChannel {
    if (this.#engine === undefined) throw new Error('unreachable: a channel that is not attached')
    return this.#engine
  }

  #isReachable(to: MemberId | undefined): boolean {
    return to === undefined || (this.#roster?.has(to) ?? false)
  }

  #apply(event: EngineEvent): void {
    switch (event.type) {
      case 'attached':
        this.#handle = event.handle
        for (const { membership, data } of event.memberships) this.#entered(membership, data)
        this.#isAttached = true
        return
      case 'participantJoined':
        return this.#entered(event.membership, event.data)
      case 'participantLeft':
        return this.#left(event.membership, event.reason === 'lost' ? 'lost' : 'left')
      case 'participantReplaced':
        // Participants are drawn for one entry, so nobody comes under that of another.
        return
      case 'message':
        return this.#deliver(event)
      case 'signal':
        return this.#signalled(event)
    }
  }

  #entered(membership: MembershipId, data: Uint8Array | undefined): void {
    const subscription = this.#entering.get(membership)
    // The texts of those who come here are held once.
    const member = subscription === undefined ? decodeMember(data) : memberOf(subscription)
    if (member === undefined) return
    this.#roster?.entered(membership, member)
    if (subscription === undefined) return
    this.#here?.entered(membership, member)
    this.#entering.delete(membership)
    this.#opened(subscription)
  }

  /** This hub's own first: the channel may be over when nobody is waited for. */
  #left(membership: MembershipId, reason: 'left' | 'lost'): void {
    this.#here?.left(membership, reason)
    this.#roster?.left(membership, reason)
  }

  #opened(subscription: GuardedSubscriber): void {
    if (subscription.isOver) return
    this.#subscriptions.set(subscription.id, subscription)
    subscription.opened(subscription.isMember ? (this.#roster?.size ?? 0) : 0)
  }

  #changed(change: RosterChange): void {
    if (!this.#isAttached) return
    this.#news?.changed(change)
    if (!this.isLingering) this.#context.onQuiet(this)
  }

  #changedHere(change: RosterChange): void {
    this.#context.onMember(this, change)
    if (!this.isLingering) this.#context.onQuiet(this)
  }

  #tell(message: ServerMessage, change?: RosterChange): void {
    const text = encodeMessage(message)
    for (const subscription of this.#subscriptions.values()) {
      const isAbout = subscription.member === change?.member.id
      if (subscription.isMember && !isAbout) subscription.sendControl(text)
    }
  }

  #deliver(event: EngineEvent & { readonly type: 'message' }): void {
    const { position, id, from, payload } = event
    const channel = this.#handle
    const frame = encodeDataFrame({ type: 'deliver', channel, position, id, from, payload })
    const recipients = this.#recipients(event)
    for (const recipient of recipients) recipient.sendFrame(frame)
    this.#context.onDelivered(recipients.length)
  }

  #signalled(event: EngineEvent & { readonly type: 'signal' }): void {
    const { id, from, payload } = event
    const channel = this.#handle
    const frame = encodeDataFrame({ type: 'signalled', channel, id, from, payload })
    for (const recipient of this.#recipients(event))
      this.#context.onSignal(recipient.sendSignal(frame))
  }

  /** The subscriptions of this hub that a message is for: never that of the connection that sent it. */
  #recipients(message: EngineMessage): readonly GuardedSubscriber[] {
    const key = keyOf(message)
    const by = this.#publishing.get(key)
    this.#publishing.delete(key)
    const recipients: GuardedSubscriber[] = []
    for (const subscription of this.#addressed(message)) {
      if (subscription !== by && subscription?.may('subscribe') === true)
        recipients.push(subscription)
    }
    return recipients
  }

  /** Everybody, or the connections of this hub by which one member is there. */
  #addressed({ to }: EngineMessage): Iterable<GuardedSubscriber | undefined> {
    if (to === undefined) return this.#subscriptions.values()
    const entries = this.#roster?.entriesOf(to) ?? []
    return Array.from(entries, (entry) => this.#subscriptions.get(entry))
  }
}

interface Entry {
  /** Drawn for it: connections of one member are apart at the engine. */
  readonly participant: ParticipantId
  readonly entered: Promise<EnterResult>
  isEntered: boolean
}

const MAX_PUBLISHING = 4096

const memberOf = ({ member, grant, info }: GuardedSubscriber): ChannelMember => ({
  ...{ id: member, user: grant.user, device: grant.device, info },
})

const NO_MEMBERS: MemberPage = { members: [], total: 0, next: '' }

const keyOf = ({ from, id }: EngineMessage): string => from + id

const randomParticipant = (): ParticipantId => {
  const id = bytesToParticipantId(randomBytes(ID_BYTES))
  return id ?? randomParticipant()
}
