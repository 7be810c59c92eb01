/**
 * What carries sealed messages: a hub, or memory.
 *
 * @module
 */
import type { LeaveReason, MessageId, ParticipantId } from '@conclave/wire'

/** Why a transport ended for good. */
export type TransportEnd = 'left' | 'refused' | 'replaced'

/** What a transport tells. Everything here is the word of a server that nobody trusts. */
export interface TransportEvents {
  /** The connection stands; `participants` are the others whom the server names. */
  readonly up: { readonly participants: readonly ParticipantId[] }
  /** The connection is gone; the transport tries to get it back spec R3. */
  readonly down: Record<never, never>
  /** The server names somebody new. */
  readonly participantJoined: { readonly participant: ParticipantId }
  /** Somebody left (`left`), or the server lost the connection to it (`lost`). */
  readonly participantLeft: { readonly participant: ParticipantId; readonly reason: LeaveReason }
  /** A message; `from` is claimed by the server and proved by opening `payload`. */
  readonly message: { readonly from: ParticipantId; readonly payload: Uint8Array }
  /** The server has taken over a message. */
  readonly acknowledged: { readonly id: MessageId }
  /** Something that could not be read or carried was dropped. */
  readonly dropped: { readonly reason: TransportDrop }
  /** The transport ended and will not come back. */
  readonly ended: { readonly reason: TransportEnd }
}

/** Why a transport dropped something. */
export type TransportDrop = 'malformed-frame' | 'malformed-control' | 'refused-by-hub'

/** A sealed message on its way out. */
export interface Outgoing {
  readonly id: MessageId
  /** The one recipient; without it everyone else in the room. */
  readonly to?: ParticipantId | undefined
  /** Sealed bytes; the transport keeps them until they are acknowledged and does not change them. */
  readonly payload: Uint8Array
}

/** One session's connection to its room. */
export interface Transport {
  /** Subscribes; gives back what unsubscribes. */
  on<T extends keyof TransportEvents>(
    type: T,
    handler: (event: TransportEvents[T]) => void,
  ): () => void
  /**
   * Resolves when the connection stands for the first time; after that the transport keeps it up by itself.
   *
   * @throws ClientError `ERR_CLIENT_REFUSED`, `ERR_CLIENT_UNREACHABLE`, `ERR_CLIENT_ABORTED`
   */
  open(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Takes a sealed message. Gives back `false`, and takes nothing, when too much is waiting spec R5.
   */
  publish(message: Outgoing): boolean
  /** Whether a message that was taken still waits for the server to take it over. */
  isPending(id: MessageId): boolean
  /** Tells the server that this session ends, and ends. Idempotent. */
  close(): void
}
