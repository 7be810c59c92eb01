import type { KeyName } from '../keys/event-keys.ts'

/** The answer for a message or an event that was dropped; nothing else has changed. spec P8, P30 */
export type Dropped =
  | ({ readonly type: 'dropped'; readonly reason: 'unknown-key' } & KeyName)
  | ({
      readonly type: 'dropped'
      readonly reason: 'epoch-too-old'
      readonly minEpoch: bigint
    } & KeyName)
  | { readonly type: 'dropped'; readonly reason: PlainDropReason }

/** Why a message or an event was dropped. */
export type DropReason = Dropped['reason']

/** The reasons that need no details. */
export type PlainDropReason =
  | 'malformed'
  | 'not-authentic'
  /** It was sealed by this session itself. */
  | 'reflected'
  /** It was opened before, or is too old to tell. */
  | 'replay'
  /** Something newer of its sender was opened before, and the order counts. */
  | 'late'
  /** It has no number to tell a replay by. */
  | 'unnumbered'
  /** It has no signature. */
  | 'unsigned'
  /** Its sender is new, and the table of senders is full. */
  | 'too-many-senders'

/** The answer that something was dropped for a reason without details. */
export const dropped = <Reason extends PlainDropReason>(
  reason: Reason,
): { readonly type: 'dropped'; readonly reason: Reason } => ({ type: 'dropped', reason })

/** The answer that the key that an envelope names is not held. */
export const droppedUnknownKey = ({
  keyId,
  epoch,
}: KeyName): Extract<Dropped, { readonly reason: 'unknown-key' }> => ({
  type: 'dropped',
  reason: 'unknown-key',
  keyId,
  epoch,
})
