import type { LeaveReason, MessageId, ParticipantId } from '@conclave/wire'
import type { EngineLane } from './lane.ts'
import type { MembershipId } from './membership-id.ts'

/**
 * Orders what happens in channels and tells every hub that is attached. An engine sees opaque ids and sealed
 * payloads. Every engine passes `engineContract` of the subpath `./testing`.
 */
export interface Engine {
  /**
   * Attaches a hub to a channel: a room, or the lane of a guarded channel. `listener` gets `attached` first, then everything that happens
   * in the channel, in the one order that all hubs see; it must not throw. A channel exists while a hub is attached.
   */
  attach(lane: EngineLane, listener: EngineListener): Promise<EngineChannel>
  /** `false` while the engine is away, over a network for example: the hub then is not ready. Left out: it never is. spec H51 */
  isAvailable?(): boolean
  /** Releases everything. Idempotent. */
  close(): Promise<void>
}

/** Receives what happens in a channel. */
export type EngineListener = (event: EngineEvent) => void

/** One hub's hold on one channel. */
export interface EngineChannel {
  /**
   * Enters a participant; one that is in the channel is replaced. `listener` gets the event of an entry before `entered` is
   * answered. spec H16
   */
  enter(entry: EngineEntry): Promise<EnterResult>
  /**
   * Ends a membership, also one of another hub; has no effect when another membership took over the participant. spec H15,
   * H37
   */
  leave(membership: EngineMembership & { readonly reason: EndReason }): Promise<void>
  /** Gives a message its position. The engine copies what it keeps of the payload. spec H20 H21 */
  publish(message: EngineMessage): Promise<PublishResult>
  /** Tells every hub of a message once or not at all, without a position; it keeps nothing, and never throws. spec G12 */
  signal(message: EngineMessage): void
  /** Releases the channel; `listener` gets nothing afterwards. Idempotent. */
  detach(): Promise<void>
}

/** The reason why a membership ended; `removed`: the room's owner or a host removed the session. */
export type EndReason = LeaveReason | 'removed'

/** A participant in a channel, and the membership that it is there by. */
export interface EngineMembership {
  readonly participant: ParticipantId
  readonly membership: MembershipId
}

/** A membership with what the hubs are told with it. */
export interface EngineMember extends EngineMembership {
  /** Given with the entry, at most 2,048 bytes that an engine only carries. Left out: none. spec G16 */
  readonly data?: Uint8Array
}

/** A participant that asks to enter. The caller draws the id of the membership. */
export interface EngineEntry extends EngineMember {
  readonly maxParticipants: number
}

/** `full`: the channel takes no further participant. */
export type EnterResult = 'entered' | 'full'

/** A message on its way into the channel's order. */
export interface EngineMessage {
  readonly id: MessageId
  readonly from: ParticipantId
  /** The one recipient, or `undefined` for everyone else. */
  readonly to: ParticipantId | undefined
  readonly payload: Uint8Array
}

/** The position of a message; `duplicate` when it had one before. */
export interface PublishResult {
  readonly position: bigint
  readonly duplicate: boolean
}

/** One thing that happened in a channel. */
export type EngineEvent =
  | {
      readonly type: 'attached'
      /** Names the channel in data frames, alike at every hub; no other channel has it. */
      readonly handle: number
      readonly memberships: readonly EngineMember[]
    }
  | ({ readonly type: 'participantJoined' } & EngineMember)
  | ({ readonly type: 'participantReplaced'; readonly previous: MembershipId } & EngineMember)
  | ({ readonly type: 'participantLeft'; readonly reason: EndReason } & EngineMembership)
  | ({ readonly type: 'message'; readonly position: bigint } & EngineMessage)
  | ({ readonly type: 'signal' } & EngineMessage)
