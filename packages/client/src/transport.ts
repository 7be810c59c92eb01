/**
 * The port for everything that carries sealed messages: a hub, or memory.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { IceServer, LeaveReason, MessageId, ParticipantId, RoomId } from '@conclave/wire'
import type { UnreachableHub } from './hub/unreachable-hub.ts'
import type { WakeSignals } from './hub/wake-signals.ts'
import type { RoomProblem } from './problem.ts'

/** Why a transport ended for good. */
export type TransportEnd = 'left' | 'refused' | 'full' | 'replaced' | 'removed'

/** Events of a transport. All of it comes from an untrusted server. */
export interface TransportEvents {
  /** The connection is open; `participants` are the others that the server names. */
  readonly up: { readonly participants: readonly ParticipantId[] }
  /**
   * The connection is lost, or could not be made the first time; then `hub` says more, if there is one. The transport keeps
   * trying. spec R3 R231
   */
  readonly down: { readonly hub?: UnreachableHub | undefined }
  /** The server names a new participant. */
  readonly participantJoined: {
    readonly participant: ParticipantId
    /** The transport does not know which of the two came first: this session asks too if nobody does soon. spec R166 */
    readonly mayBeFirst?: boolean | undefined
    /** It was there before this session, which greets it as those that `up` names. spec R166 */
    readonly wasHere?: boolean | undefined
  }
  /** A participant left (`left`), or the server lost the connection to it (`lost`). */
  readonly participantLeft: { readonly participant: ParticipantId; readonly reason: LeaveReason }
  /** A message; `from` is claimed by the server and proved by opening `payload`. */
  readonly message: {
    readonly from: ParticipantId
    readonly payload: Uint8Array
    /** The message's place in the server's order, where the server numbers messages. spec R23 */
    readonly position?: bigint | undefined
  }
  /** The server has taken over a message. */
  readonly acknowledged: {
    readonly id: MessageId
    /** The message's place in the server's order, where the server numbers messages. spec R23 */
    readonly position?: bigint | undefined
  }
  /** The server will never take over a message that was published. */
  readonly refused: { readonly id: MessageId }
  /** The server names STUN and TURN servers for calls, in the place of those before. Left out: it knows none. spec R220 */
  readonly iceServers: { readonly servers: readonly IceServer[] }
  /** The one recipient of a message is not connected: the server does not keep it. */
  readonly absent: { readonly id: MessageId }
  /** Something that could not be read or carried was dropped. */
  readonly dropped: { readonly reason: TransportDrop }
  /** Something failed that no call of the transport reports. spec R32 */
  readonly problem: RoomProblem
  /** The transport ended and will not come back. */
  readonly ended: { readonly reason: TransportEnd }
}

/** Why a transport dropped something. */
export type TransportDrop =
  | 'malformed-frame'
  | 'malformed-control'
  | 'refused-by-hub'
  /** No session of the room wrote it. */
  | 'not-authentic'
  /** More came than one session can look at. */
  | 'flood'

/** A sealed message on its way out. */
export interface Outgoing {
  readonly id: MessageId
  /** The one recipient; if omitted, everyone else in the room. */
  readonly to?: ParticipantId | undefined
  /** Sealed bytes; the transport keeps them until they are acknowledged and does not change them. */
  readonly payload: Uint8Array
  /** Whether it was sent before: messages that were not go first, and it may fill a part of the space only. */
  readonly isRepetition?: boolean | undefined
  /** Whether others can open nothing before they have it: it goes before all others. spec R187 */
  readonly isUrgent?: boolean | undefined
  /** Whether it is data: it goes after all others, and only as far as others find space all the same. spec R171 */
  readonly isData?: boolean | undefined
}

/** One session's connection to its room. */
export interface Transport {
  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof TransportEvents>(
    type: T,
    handler: (event: TransportEvents[T]) => void,
  ): () => void
  /**
   * Resolves when the connection is open for the first time. Only the transport retries: until then, and after each
   * lost connection. Rejects only for failures that no retry can cure. Call it once. spec R3
   *
   * @throws ClientError `ERR_CLIENT_REFUSED`, `ERR_CLIENT_FULL`, `ERR_CLIENT_ABORTED`, `ERR_CLIENT_CLOSED`,
   *   `ERR_CLIENT_ACCESS`
   */
  open(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Whether a message of this many bytes would be taken now. spec R5 */
  canPublish(bytes: number): boolean
  /** Accepts a sealed message. Returns `false`, and accepts nothing, when too many bytes wait. spec R5 */
  publish(message: Outgoing): boolean
  /** Whether a message that was taken still waits for the server to take it over. */
  isPending(id: MessageId): boolean
  /**
   * Hands the server statements that remove a participant from the room, so that it ends this one's connection. Left out:
   * the server is not told. spec R75
   */
  remove?(participant: ParticipantId, statements: readonly Uint8Array[]): void
  /** Tells the server that this session ends, and ends. Idempotent. */
  close(): void
}

/** The session that a transport is for. */
export interface TransportContext {
  readonly room: RoomId
  /** The keys that the room was joined with; their owner closes them. */
  readonly keys: KeySource
  /** Signs for this session; its id certifies the key. You must begin what it signs with your own label. */
  readonly session: {
    readonly signingKey: Uint8Array
    sign(bytes: Uint8Array): Promise<Uint8Array>
  }
  readonly clock: Clock
  /** Tell that this device was away. */
  readonly wakeSignals?: WakeSignals | undefined
}

/** Makes the transport of a new session. */
export type TransportFactory = (self: ParticipantId, context: TransportContext) => Transport
