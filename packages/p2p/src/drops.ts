/**
 * Why messages are dropped, and how many were.
 *
 * @module
 */

/**
 * Why a message changed nothing: it is no message (`malformed`), its seal does not hold or it claims another
 * sender (`not-authentic`), it was seen before (`replay`), it is our own (`reflected`), its sender is not in the
 * roster (`unknown-peer`), it makes no sense here (`unexpected`), it belongs to what is over (`stale`), too much
 * waits already (`overflow`), it came too often (`rate`), or there is no room for its sender (`too-many-peers`).
 */
export type DropReason =
  | 'malformed'
  | 'not-authentic'
  | 'replay'
  | 'reflected'
  | 'unknown-peer'
  | 'unexpected'
  | 'stale'
  | 'overflow'
  | 'rate'
  | 'too-many-peers'

/** How often each reason occurred; reasons that did not are absent. */
export type DropCounts = ReadonlyMap<DropReason, number>

/** Adds one to the count of a reason. */
export function countDrop(counts: Map<DropReason, number>, reason: DropReason): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}
