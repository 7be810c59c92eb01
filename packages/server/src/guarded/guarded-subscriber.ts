import type { MemberId, Right } from '@conclave/wire'
import type { Grant } from '../access/grant.ts'
import type { MembershipId } from '../engine/membership-id.ts'

/** A connection as a guarded channel sees it. None of these may throw. */
export interface GuardedSubscriber {
  /** Names its entry at the engine. */
  readonly id: MembershipId
  readonly member: MemberId
  /** Sealed by the member, base64url. */
  readonly info: string
  /** The grant that holds now. */
  readonly grant: Grant
  /** Whether its user is a member that others see. */
  readonly isMember: boolean
  /** It ended, perhaps before it was open. */
  readonly isOver: boolean
  /** Whether it is allowed. */
  may(right: Right): boolean
  /** The channel is open to it from here on; `count` members are in it. */
  opened(count: number): void
  /** Sends a control message, encoded once for all. */
  sendControl(text: string): void
  /** Sends a deliver frame, encoded once for all. */
  sendFrame(frame: Uint8Array): void
  /** Sends a frame unless much waits already; `false` when it was dropped. */
  sendSignal(frame: Uint8Array): boolean
}
