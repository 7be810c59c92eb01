import type { KeyName, OpeningKey } from '../keys/event-keys.ts'

/** The answer for a message or an event that was dropped; nothing else has changed. spec P8, P30 */
export type Dropped =
  | ({ readonly type: 'dropped'; readonly reason: 'unknown-key' | 'other-key' } & KeyName)
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
  /** A sealer of this session was heard before, and this is another one. */
  | 'other-sealer'
  /** It was opened before, or is too old to tell. */
  | 'replay'
  /** Something newer of its sender was opened before, and the order counts. */
  | 'late'
  /** It was numbered more than a day ahead of this clock: the clock of its sender is wrong, or this one is. */
  | 'ahead'
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

/** The answer for an envelope whose key is not there. */
export const droppedForKey = (
  missing: Exclude<OpeningKey, { readonly type: 'key' }> | KeyMismatch,
  { keyId, epoch }: KeyName,
): Dropped => ({ ...missing, type: 'dropped', reason: missing.type, keyId, epoch }) as Dropped

/** The answer of {@link OpeningKey} for a key that is not held. */
export const UNKNOWN_KEY = { type: 'unknown-key' } as const

/** The answer where the key that is held under a name is not the one that sealed. spec P16 */
export const OTHER_KEY = { type: 'other-key' } as const

/** Why the key of an envelope opens nothing. */
export type KeyMismatch = typeof UNKNOWN_KEY | typeof OTHER_KEY
