import type { ChannelName, GuardedKind, Right, RoomId } from '@conclave/wire'
import type { Grant } from './grant.ts'

/** The facts about the upgrade request of a connection that a hook of the operator may look at. */
export interface RequestFacts {
  /** The origin of the page, as its browser sent it. */
  readonly origin: string | undefined
  /** The IP address of the client, if it is known. */
  readonly address: string | undefined
  /** The size of the headers that are kept for it, which counts as bytes that wait for the engine; left out: none. spec H44 */
  readonly headerBytes?: number
  /** The value of a header, whose name is in any case; `undefined` when the request has none. */
  header(name: string): string | undefined
}

/** A connection that wants rights in a channel. spec G40 */
export interface AccessRequest {
  readonly channel: ChannelName | RoomId
  /** `room` for a join at a closed hub. */
  readonly kind: 'room' | GuardedKind
  readonly wants: readonly Right[]
  /** The token that the client showed; `undefined` when it showed none. */
  readonly token: string | undefined
  /** The nonce of the connection's challenge, base64url: a capability is bound to it. */
  readonly nonce: string
  /** The hub as the client addressed it, if it is known. */
  readonly host: string | undefined
  readonly facts: RequestFacts
}

/** The answer of an {@link Authorizer}. */
export type Decision =
  | { readonly type: 'granted'; readonly grant: Grant }
  /** Another authorizer may decide. */
  | { readonly type: 'pass' }
  | { readonly type: 'denied' }
  /** Nothing can be decided now; the client may ask again after so long. */
  | { readonly type: 'unavailable'; readonly retryAfterMs?: number }

/** Decides for the operator which rights a connection has in a channel. */
export interface Authorizer {
  /**
   * Decides about a request. `signal` is aborted when the answer is not waited for. You must answer `granted` only to a request that you know is entitled:
   * nothing else is asked. An exception counts as `unavailable`. spec G40 G41
   */
  decide(
    request: AccessRequest,
    options: { readonly signal: AbortSignal },
  ): Decision | Promise<Decision>
}
