import type { Audience } from './message-envelope.ts'

/** A message as it goes out. */
export interface Sealed {
  /** Its place in its stream. */
  readonly sequence: bigint
  /** What a carrier may see. At most `MAX_SEALED_BYTES`. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A message that authenticated, and is the first of its kind. */
export interface OpenedMessage {
  readonly type: 'opened'
  readonly kind: number
  readonly audience: Audience
  /** Messages may come late and with gaps; where order counts, order by this. */
  readonly sequence: bigint
  readonly epoch: bigint
  readonly body: Uint8Array<ArrayBuffer>
}

/** A message that was dropped; nothing has changed but this answer. spec P8 */
export type DroppedMessage =
  | { readonly type: 'dropped'; readonly reason: 'unknown-epoch'; readonly epoch: bigint }
  | {
      readonly type: 'dropped'
      readonly reason: 'malformed' | 'not-authentic' | 'replay' | 'reflected' | 'too-many-peers'
    }

/** What became of bytes that claimed to be a message. */
export type Opened = OpenedMessage | DroppedMessage

/** Why a message was dropped. */
export type DropReason = DroppedMessage['reason']
