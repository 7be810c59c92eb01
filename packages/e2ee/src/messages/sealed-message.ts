import type { Dropped } from '../core/dropped.ts'
import type { KeyName } from '../keys/event-keys.ts'
import type { Audience } from './message-envelope.ts'

/** A message as it goes out. */
export interface Sealed {
  /** Its place in its stream. */
  readonly sequence: bigint
  /** For any carrier. At most `MAX_SEALED_BYTES`. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A message that authenticated and was not opened before. Names the key that sealed it. */
export interface OpenedMessage extends KeyName {
  readonly type: 'opened'
  readonly kind: number
  readonly audience: Audience
  /** Messages may come late and with gaps; where order counts, order by this. */
  readonly sequence: bigint
  readonly body: Uint8Array<ArrayBuffer>
  /** The sender's, 64 bytes, where messages to the room are signed: what `verifyRoomMessage` takes is it and then the body. spec C7 */
  readonly signature?: Uint8Array<ArrayBuffer>
}

/** The answer for bytes that claimed to be a message. */
export type Opened = OpenedMessage | Dropped
