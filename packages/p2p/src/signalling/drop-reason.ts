/**
 * Why signalling drops messages.
 *
 * @module
 */

/**
 * Why a message changed nothing: it does not decode (`malformed`), its `id` is not the authenticated sender
 * (`not-authentic`), this side sent it (`reflected`), its
 * sender is not in the roster (`unknown-peer`), this side does not handle it (`unexpected`), it belongs to an earlier
 * negotiation or connection (`stale`), too many wait already (`overflow`), it arrived too often (`rate`), there are
 * too many peers to accept its sender (`too-many-peers`), a candidate names a place that no media is sent to (`address`), or it asks for media that can no longer be protected (`unprotected`). Of data: it
 * is no record (`data-malformed`), it does not open (`data-not-authentic`), it came before (`data-replay`), something before it is missing
 * (`data-gap`), too much waits to be opened (`data-overflow`), or nothing is to come there (`data-unexpected`).
 */
export type SignalDropReason =
  | 'malformed'
  | 'not-authentic'
  | 'reflected'
  | 'unknown-peer'
  | 'unexpected'
  | 'stale'
  | 'overflow'
  | 'rate'
  | 'too-many-peers'
  | 'address'
  | 'unprotected'
  | 'data-malformed'
  | 'data-not-authentic'
  | 'data-replay'
  | 'data-gap'
  | 'data-overflow'
  | 'data-unexpected'

/** How many messages were dropped for each reason; reasons that did not occur are absent. */
export type SignalDropCounts = ReadonlyMap<SignalDropReason, number>
