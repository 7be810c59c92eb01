import type { LeaveReason, MessageId, ParticipantId, RoomId } from '@conclave/wire'
import type { SessionId } from './membership-id.ts'

/**
 * Orders what happens in rooms and tells it to every hub that is attached. An engine sees opaque ids
 * and sealed payloads. `engineContract` of the subpath `../testing` is what every engine passes.
 */
export interface Engine {
  /**
   * Attaches a hub to a room. `listener` is told `attached` first, then everything that happens in the room,
   * in the one order that all hubs see; it must not throw. A room exists while a hub is attached.
   */
  attach(room: RoomId, listener: EngineListener): Promise<EngineChannel>
  /** Gives up everything. Idempotent. */
  close(): Promise<void>
}

/** Is told what happens in a room. */
export type EngineListener = (event: EngineEvent) => void

/** One hub's hold on one room. */
export interface EngineChannel {
  /** Enters a participant. When it is entered, the listener has been told so already. spec H16 H17 */
  enter(entry: EngineEntry): Promise<EnterResult>
  /** Ends a session; without effect when another session took the participant's place. spec H15 */
  leave(session: EngineSession & { readonly reason: LeaveReason }): Promise<void>
  /** Gives a message its place. The engine copies what it keeps of the payload. spec H20 H21 */
  publish(message: EngineMessage): Promise<PublishResult>
  /** Lets go of the room; the listener is told nothing afterwards. Idempotent. */
  detach(): Promise<void>
}

/** Who is in a room, and in which stay. */
export interface EngineSession {
  readonly participant: ParticipantId
  readonly session: SessionId
}

/** A participant at the door. */
export interface EngineEntry extends EngineSession {
  /** Digest of the resume secret. */
  readonly resumeDigest: Uint8Array
  readonly maxParticipants: number
}

/** `unauthorized`: the participant is there, with another resume secret. */
export type EnterResult = 'entered' | 'full' | 'unauthorized'

/** A message on its way into the order. */
export interface EngineMessage {
  readonly id: MessageId
  readonly from: ParticipantId
  /** The one recipient, or `undefined` for everyone else. */
  readonly to: ParticipantId | undefined
  readonly payload: Uint8Array
}

/** The place that a message has; `duplicate` when it had it before. */
export interface PublishResult {
  readonly position: bigint
  readonly duplicate: boolean
}

/** What happens in a room. */
export type EngineEvent =
  | {
      readonly type: 'attached'
      /** Handle of the room in data frames, the same at every hub. */
      readonly channel: number
      readonly sessions: readonly EngineSession[]
    }
  | ({ readonly type: 'participantJoined' } & EngineSession)
  | ({ readonly type: 'participantReplaced'; readonly previous: SessionId } & EngineSession)
  | ({ readonly type: 'participantLeft'; readonly reason: LeaveReason } & EngineSession)
  | ({ readonly type: 'message'; readonly position: bigint } & EngineMessage)
