import type { LeaveReason, ParticipantId, RoomId } from '@conclave/wire'
import type { ChannelTable } from '../channel/channel-table.ts'
import type { Channel } from '../channel/channel.ts'
import type { Subscriber } from '../channel/subscriber.ts'
import type { EnterResult } from '../engine/engine.ts'
import { randomMembershipId } from '../engine/membership-id.ts'
import type { MembershipId } from '../engine/membership-id.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { Outbound } from './outbound.ts'

/** One connection's stay in one channel. */
export interface Membership {
  readonly id: MembershipId
  readonly participant: ParticipantId
  /** The fingerprint of the room's owner, as the join gave it. */
  readonly owner: string
  readonly channel: Channel
  /** Gives the place back that its address has in the room. */
  readonly releaseShare: () => void
  /** Whether its channel is acquired and not released. */
  isHeld: boolean
}

/** The parts of {@link Memberships}. */
export interface MembershipsOptions {
  readonly channels: ChannelTable
  readonly limits: HubLimits
  /** The client's address, if it is known. */
  readonly address: string | undefined
  readonly outbound: Outbound
  /** A channel is open to the connection from here on. */
  readonly onJoined: (channel: Channel, others: readonly ParticipantId[]) => void
  /** Another connection took over a participant of this one. */
  readonly onReplaced: () => void
  /** The room's owner or a host removed the participant of this one. */
  readonly onRemoved: () => void
  /** The engine failed where no caller waits for it. */
  readonly onFailure: () => void
}

/** The channels that one connection is in or is entering. */
export class Memberships {
  readonly #options: MembershipsOptions
  /** Rooms whose channel the connection has joined, or is joining since `reserve`. */
  readonly #rooms = new Set<RoomId>()
  readonly #joinedByHandle = new Map<number, Membership>()
  #ended: LeaveReason | undefined
  /** The way to the client. */
  readonly outbound: Outbound

  constructor(options: MembershipsOptions) {
    this.#options = options
    this.outbound = options.outbound
  }

  /** The number of channels that the connection is in or is entering. */
  get size(): number {
    return this.#rooms.size
  }

  /** The membership in the channel that a data frame names. */
  find(handle: number): Membership | undefined {
    return this.#joinedByHandle.get(handle)
  }

  /** The membership in the channel of a room. */
  findRoom(room: RoomId): Membership | undefined {
    return [...this.#joinedByHandle.values()].find(({ channel }) => channel.room === room)
  }

  /** Keeps a place for a room while its proof is checked; `taken` when the connection is in or entering it. */
  reserve(room: RoomId): 'reserved' | 'taken' | 'full' {
    if (this.#rooms.has(room)) return 'taken'
    if (this.#rooms.size >= this.#options.limits.channelsPerConnection) return 'full'
    this.#rooms.add(room)
    return 'reserved'
  }

  /**
   * Enters the channel of a room that is reserved and granted. Calls `onJoined` before it answers `entered`. Answers
   * `ended` when the connection ended meanwhile, and rejects when the engine fails.
   */
  async enter(entry: {
    readonly room: RoomId
    readonly participant: ParticipantId
    readonly owner: string
  }): Promise<EnterResult | 'ended'> {
    const { channels, limits, address } = this.#options
    const { room, participant, owner } = entry
    if (this.#ended !== undefined) return 'ended'
    const channel = await channels.acquire(room)
    if (channel === undefined) return 'full'
    const most = Math.ceil((limits.maxParticipants * limits.roomPercentOfAddress) / 100)
    const releaseShare = channel.shares.take(participant, { address, most })
    if (releaseShare === undefined) {
      channels.release(channel)
      return 'full'
    }
    const id = randomMembershipId()
    const membership = { id, participant, owner, channel, releaseShare, isHeld: true }
    try {
      if (this.#ended !== undefined) return 'ended'
      return await channel.enter({
        participant,
        membership: membership.id,
        maxParticipants: limits.maxParticipants,
        subscriber: new MemberSubscriber(this, membership),
      })
    } finally {
      // It was refused, or it entered after the connection had ended. One that was left already is not left twice.
      if (this.find(channel.handle) !== membership) this.#leave(membership, this.#ended ?? 'lost')
    }
  }

  /** A channel is open to the connection from here on. */
  opened(membership: Membership, others: readonly ParticipantId[]): void {
    if (this.#ended !== undefined) return
    const { channel } = membership
    this.#joinedByHandle.set(channel.handle, membership)
    this.#options.onJoined(channel, others)
  }

  /** Another connection took over the participant of a membership, or the room's owner or a host removed it. */
  lost(membership: Membership, cause: 'replaced' | 'removed'): void {
    if (this.find(membership.channel.handle) !== membership) return
    if (cause === 'replaced') this.#options.onReplaced()
    else this.#options.onRemoved()
  }

  /** Leaves the channel of a room; `false` when the connection has not joined it. spec H13 */
  leave(room: RoomId): boolean {
    const membership = this.findRoom(room)
    if (membership === undefined) return false
    this.#rooms.delete(room)
    this.#joinedByHandle.delete(membership.channel.handle)
    this.#leave(membership, 'left')
    return true
  }

  /** Leaves every channel, and joins none from here on. */
  end(reason: LeaveReason): void {
    this.#ended = reason
    const joined = [...this.#joinedByHandle.values()]
    this.#rooms.clear()
    this.#joinedByHandle.clear()
    for (const membership of joined) this.#leave(membership, reason)
  }

  /** Ends a membership once, and releases its channel when the others have been told. */
  #leave(membership: Membership, reason: LeaveReason): void {
    if (!membership.isHeld) return
    membership.isHeld = false
    const { channels, onFailure } = this.#options
    const { channel, id, releaseShare } = membership
    channel
      .leave(id, reason)
      .catch(onFailure)
      .finally(() => {
        releaseShare()
        channels.release(channel)
      })
  }
}

/** A membership as its channel sees it. */
class MemberSubscriber implements Subscriber {
  readonly #memberships: Memberships
  readonly #membership: Membership
  readonly #outbound: Outbound

  constructor(memberships: Memberships, membership: Membership) {
    this.#memberships = memberships
    this.#membership = membership
    this.#outbound = memberships.outbound
  }

  joined(others: readonly ParticipantId[]): void {
    this.#memberships.opened(this.#membership, others)
  }

  sendControl(text: string): void {
    this.#outbound.send(text)
  }

  sendFrame(frame: Uint8Array): void {
    this.#outbound.send(frame)
  }

  replaced(): void {
    this.#memberships.lost(this.#membership, 'replaced')
  }

  removed(): void {
    this.#memberships.lost(this.#membership, 'removed')
  }
}
