import { encodeDataFrame, encodeMessage } from '@conclave/wire'
import type { LeaveReason, ParticipantId, RoomId, ServerMessage } from '@conclave/wire'
import type {
  Engine,
  EngineChannel,
  EngineEvent,
  EngineMessage,
  EnterResult,
} from '../engine/engine.ts'
import type { MembershipId } from '../engine/membership-id.ts'
import { AddressShares } from './address-shares.ts'
import type { ChannelEntry, Subscriber } from './subscriber.ts'

/**
 * One channel at this hub: a replica of its participants, built from the engine's events in their order, and the
 * connections of this hub that are in it.
 */
export class Channel {
  readonly room: RoomId
  /** The addresses of those who are in it, or entering it. */
  readonly shares: AddressShares = new AddressShares()
  readonly #membershipByParticipant = new Map<ParticipantId, MembershipId>()
  /** Connections of which the engine has not told that they entered. */
  readonly #entering = new Map<MembershipId, Subscription>()
  readonly #entered = new Map<MembershipId, Subscription>()
  readonly #leaving = new Set<Promise<void>>()
  readonly #onDelivered: (count: number) => void
  #engine: EngineChannel | undefined
  #handle = 0

  constructor(room: RoomId, onDelivered: (count: number) => void) {
    this.room = room
    this.#onDelivered = onDelivered
  }

  /** Names this channel in data frames. */
  get handle(): number {
    return this.#handle
  }

  /** Connects the channel to the engine. You must await it before you call anything else. */
  async attach(engine: Engine): Promise<void> {
    this.#engine = await engine.attach(this.room, (event) => this.#apply(event))
  }

  /** Releases the channel at the engine, after those who leave have left. */
  async detach(): Promise<void> {
    await Promise.all(this.#leaving)
    await this.#engine?.detach()
  }

  /** Enters a participant. `subscriber.joined` is called before `entered` is answered. */
  async enter({ subscriber, ...entry }: ChannelEntry): Promise<EnterResult> {
    const { membership, participant } = entry
    this.#entering.set(membership, { participant, subscriber })
    try {
      return await this.#attached.enter(entry)
    } finally {
      this.#entering.delete(membership)
    }
  }

  /**
   * Ends a membership that has entered: its connection gets no further messages. Resolves when the other sessions have
   * been told. Does nothing for a membership that did not enter, or that was replaced.
   */
  async leave(membership: MembershipId, reason: LeaveReason): Promise<void> {
    const subscription = this.#entered.get(membership)
    if (subscription === undefined) return
    this.#entered.delete(membership)
    const { participant } = subscription
    const leaving = this.#attached.leave({ participant, membership, reason })
    this.#leaving.add(leaving)
    try {
      await leaving
    } finally {
      this.#leaving.delete(leaving)
    }
  }

  /** Whether a participant is in the channel. */
  has(participant: ParticipantId): boolean {
    return this.#membershipByParticipant.has(participant)
  }

  /** Ends the membership of a participant at whichever hub it is; its connection ends. spec H37 */
  async remove(participant: ParticipantId): Promise<void> {
    const membership = this.#membershipByParticipant.get(participant)
    if (membership === undefined) return
    await this.#attached.leave({ participant, membership, reason: 'removed' })
  }

  /** Gives a message its position; `absent` when its one recipient is not in the channel. spec H18 H20 */
  async publish(message: EngineMessage): Promise<bigint | 'absent'> {
    const { to } = message
    if (to !== undefined && !this.#membershipByParticipant.has(to)) return 'absent'
    return (await this.#attached.publish(message)).position
  }

  get #attached(): EngineChannel {
    if (this.#engine === undefined)
      throw new Error('unreachable: channel used before it was attached')
    return this.#engine
  }

  #apply(event: EngineEvent): void {
    switch (event.type) {
      case 'attached':
        this.#handle = event.handle
        for (const { participant, membership } of event.memberships) {
          this.#membershipByParticipant.set(participant, membership)
        }
        return
      case 'participantJoined': {
        const { participant, membership } = event
        this.#membershipByParticipant.set(participant, membership)
        this.#open(membership)
        return this.#tellOthers({ type: 'participantJoined', channel: this.#handle, participant })
      }
      case 'participantReplaced': {
        this.#membershipByParticipant.set(event.participant, event.membership)
        const previous = this.#entered.get(event.previous)
        this.#entered.delete(event.previous)
        this.#open(event.membership)
        return previous?.subscriber.replaced()
      }
      case 'participantLeft': {
        const { participant, membership } = event
        const ended = this.#entered.get(membership)
        this.#entered.delete(membership)
        this.#membershipByParticipant.delete(participant)
        const channel = this.#handle
        const reason = event.reason === 'removed' ? 'left' : event.reason
        this.#tellOthers({ type: 'participantLeft', channel, participant, reason })
        if (event.reason === 'removed') ended?.subscriber.removed()
        return
      }
      case 'message':
        return this.#deliver(event)
      case 'signal':
        // Nobody sends one to a room. spec G12
        return
    }
  }

  /** Opens the channel to a connection, if it is one of this hub. */
  #open(membership: MembershipId): void {
    const subscription = this.#entering.get(membership)
    if (subscription === undefined) return
    this.#entering.delete(membership)
    this.#entered.set(membership, subscription)
    const { participant, subscriber } = subscription
    subscriber.joined([...this.#membershipByParticipant.keys()].filter((id) => id !== participant))
  }

  #tellOthers(message: ServerMessage & { readonly participant: ParticipantId }): void {
    const text = encodeMessage(message)
    for (const { participant, subscriber } of this.#entered.values()) {
      if (participant !== message.participant) subscriber.sendControl(text)
    }
  }

  #deliver({ position, id, from, to, payload }: EngineEvent & { readonly type: 'message' }): void {
    const channel = this.#handle
    const frame = encodeDataFrame({ type: 'deliver', channel, position, id, from, payload })
    let count = 0
    for (const { participant, subscriber } of this.#recipients(to)) {
      if (participant === from) continue
      subscriber.sendFrame(frame)
      count += 1
    }
    this.#onDelivered(count)
  }

  /** The connections of this hub that a message is for. The one of its sender is never given it. spec H18 */
  #recipients(to: ParticipantId | undefined): Iterable<Subscription> {
    if (to === undefined) return this.#entered.values()
    const membership = this.#membershipByParticipant.get(to)
    const subscription = membership === undefined ? undefined : this.#entered.get(membership)
    return subscription === undefined ? [] : [subscription]
  }
}

interface Subscription {
  readonly participant: ParticipantId
  readonly subscriber: Subscriber
}
