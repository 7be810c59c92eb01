import type { ConnectionLimits } from './connection-limits.ts'
import type { ChannelMember, ChannelName, MemberId, Right } from './guarded.ts'

/** Asks for rights in a guarded channel. client → hub */
export interface SubscribeMessage {
  readonly type: 'subscribe'
  /** Repeated in the answer. */
  readonly id: number
  readonly channel: ChannelName
  readonly wants: readonly Right[]
  /** Shows that it may; empty: the hub decides by what it knows of the connection. */
  readonly token: string
  /** Sealed for the members of a presence channel, base64url; empty for none. */
  readonly info: string
}

/** Leaves a guarded channel; the connection stays. client → hub */
export interface UnsubscribeMessage {
  readonly type: 'unsubscribe'
  readonly channel: number
}

/** Asks for the same rights for longer, before they end. client → hub */
export interface RefreshMessage {
  readonly type: 'refresh'
  readonly id: number
  readonly channel: number
  readonly token: string
}

/** Asks for the members of a presence channel that come after one, in the hub's order. client → hub */
export interface MembersMessage {
  readonly type: 'members'
  readonly id: number
  readonly channel: number
  /** The `next` of the page before; empty: from the first. */
  readonly after: MemberId | ''
}

/** A client's message about guarded channels. spec W5 */
export type GuardedRequest = SubscribeMessage | UnsubscribeMessage | RefreshMessage | MembersMessage

/** The guarded channel is open to this connection from here on. hub → client */
export interface SubscribedMessage {
  readonly type: 'subscribed'
  readonly id: number
  /** Names the channel in data frames. */
  readonly channel: number
  /** This connection's own member id: deliveries to others name it. */
  readonly member: MemberId
  readonly rights: readonly Right[]
  readonly expiresInMs: number
  /** Members of a presence channel; 0 for who may not see them. */
  readonly count: number
  readonly limits: ConnectionLimits
}

/** The request is not granted; nothing tells whether the channel exists. hub → client */
export interface DeniedMessage {
  readonly type: 'denied'
  readonly id: number
}

/** Nothing was decided, or there is no place now. hub → client */
export interface UnavailableMessage {
  readonly type: 'unavailable'
  readonly id: number
  readonly retryAfterMs: number
}

/** Answers `refresh`. hub → client */
export interface RefreshedMessage {
  readonly type: 'refreshed'
  readonly id: number
  readonly rights: readonly Right[]
  readonly expiresInMs: number
}

/** The reason why a grant ended. */
export type UnsubscribedReason = 'expired' | 'revoked' | 'kicked' | 'banned'

/** The guarded channel is closed to this connection from here on. hub → client */
export interface UnsubscribedMessage {
  readonly type: 'unsubscribed'
  readonly channel: number
  readonly reason: UnsubscribedReason
}

/** A member entered a presence channel. hub → client */
export interface MemberJoinedMessage {
  readonly type: 'memberJoined'
  readonly channel: number
  readonly member: ChannelMember
}

/** A member left a presence channel. hub → client */
export interface MemberLeftMessage {
  readonly type: 'memberLeft'
  readonly channel: number
  readonly member: MemberId
}

/** The members of a presence channel changed: a list that the client has is stale. hub → client */
export interface MemberCountMessage {
  readonly type: 'memberCount'
  readonly channel: number
  readonly count: number
}

/** Answers `members`. hub → client */
export interface MemberPageMessage {
  readonly type: 'memberPage'
  readonly id: number
  readonly members: readonly ChannelMember[]
  /** All members of the channel. */
  readonly total: number
  /** Asks for the page after this one; empty: there is none. */
  readonly next: MemberId | ''
}

/** A hub's message about guarded channels. spec W5 */
export type GuardedAnswer =
  | SubscribedMessage
  | DeniedMessage
  | UnavailableMessage
  | RefreshedMessage
  | UnsubscribedMessage
  | MemberJoinedMessage
  | MemberLeftMessage
  | MemberCountMessage
  | MemberPageMessage
