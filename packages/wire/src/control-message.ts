import type { ConnectionLimits } from './connection-limits.ts'
import type { GuardedAnswer, GuardedRequest } from './guarded-message.ts'
import type { IceServer } from './ice-servers.ts'
import type { MessageId, ParticipantId, RoomId } from './ids.ts'

/** Asks to enter a room, with proofs that the sender holds the room's access key and the session's key. client → hub */
export interface JoinMessage {
  readonly type: 'join'
  readonly version: 1
  readonly room: RoomId
  readonly participant: ParticipantId
  /** Public access key of the room, base64url of 32 bytes; `room` is derived from it and `owner`. */
  readonly key: string
  /** Fingerprint of the room's owner, base64url of 16 bytes; zeros when nobody owns the room. */
  readonly owner: string
  /** Signature over `encodeAccessProof`, base64url of 64 bytes. */
  readonly proof: string
  /** The hub as the client addressed it: `URL.host` of its address. */
  readonly host: string
  /** Public signing key of the session, base64url of 32 bytes; `participant` is derived from it. */
  readonly session: string
  /** Signature over `encodeSessionProof`, base64url of 64 bytes. */
  readonly sessionProof: string
  /** Shows a closed hub that this connection may join. spec W23 */
  readonly token?: string
}

/** Leaves a room; the connection stays. client → hub */
export interface LeaveMessage {
  readonly type: 'leave'
  readonly room: RoomId
}

/** Asks the hub to end the connection of a session that the room's owner or a host removed. client → hub */
export interface RemoveMessage {
  readonly type: 'remove'
  readonly room: RoomId
  readonly participant: ParticipantId
  /** One or two statements of chapter authority, base64url. */
  readonly statements: readonly string[]
}

/** Asks for a `pong`. client → hub */
export interface PingMessage {
  readonly type: 'ping'
  readonly id: number
}

/** A message that a client may send in a text frame. spec W5 */
export type ClientMessage =
  | JoinMessage
  | LeaveMessage
  | RemoveMessage
  | PingMessage
  | GuardedRequest

/** The first message on every connection; the proof signs its nonce. hub → client */
export interface ChallengeMessage {
  readonly type: 'challenge'
  readonly version: 1
  /** Base64url of 32 bytes, fresh for this connection. */
  readonly nonce: string
}

/** The room is open to this connection from here on. hub → client */
export interface JoinedMessage {
  readonly type: 'joined'
  readonly room: RoomId
  /** Names the room's channel in data frames. */
  readonly channel: number
  /** The others in the room. */
  readonly participants: readonly ParticipantId[]
  readonly limits: ConnectionLimits
}

/** Another participant entered the room. hub → client */
export interface ParticipantJoinedMessage {
  readonly type: 'participantJoined'
  readonly channel: number
  readonly participant: ParticipantId
}

/** How a participant left, as the hub saw it. */
export type LeaveReason = 'left' | 'lost'

/** Another participant is no longer in the room. hub → client */
export interface ParticipantLeftMessage {
  readonly type: 'participantLeft'
  readonly channel: number
  readonly participant: ParticipantId
  /**
   * `left`: it sent `leave`, or its page closed the connection (close code 1000 or 1001). `lost`: the connection ended in
   * any other way, and the participant may come back.
   */
  readonly reason: LeaveReason
}

/** The reason why a message was not relayed. */
export type RefusedReason =
  | 'rate'
  | 'too-large'
  | 'absent'
  | 'unknown-channel'
  | 'malformed'
  /** The grant does not allow it. */
  | 'denied'
  /** The hub cannot do it now. */
  | 'unavailable'

/** The hub dropped a publish or a malformed message, and keeps the connection. hub → client */
export interface RefusedMessage {
  readonly type: 'refused'
  /** The publish that was not relayed, or `UNKNOWN_MESSAGE_ID`. */
  readonly id: MessageId
  readonly reason: RefusedReason
}

/** Answers a `ping`. hub → client */
export interface PongMessage {
  readonly type: 'pong'
  readonly id: number
}

/** The STUN and TURN servers for calls in a room, in the place of all that were named before. hub → client */
export interface IceServersMessage {
  readonly type: 'iceServers'
  readonly channel: number
  readonly servers: readonly IceServer[]
}

/** The hub is going away: the client comes back after `afterMs`. hub → client */
export interface GoodbyeMessage {
  readonly type: 'goodbye'
  readonly afterMs: number
}

/** Stands for a hub's message of a type that this version does not know; clients ignore it, and no hub sends it. spec W19 */
export interface UnknownMessage {
  readonly type: 'unknown'
}

/** A message that a hub may send in a text frame. spec W5 */
export type ServerMessage =
  | ChallengeMessage
  | JoinedMessage
  | ParticipantJoinedMessage
  | ParticipantLeftMessage
  | RefusedMessage
  | IceServersMessage
  | PongMessage
  | GoodbyeMessage
  | GuardedAnswer
  | UnknownMessage

/** The text of a control message. */
export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message)
}
