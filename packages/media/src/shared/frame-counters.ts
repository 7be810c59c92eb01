/**
 * What can become of a frame: the words that counters, states and tests share.
 *
 * @module
 */

/** Why a frame was dropped. It went nowhere: not to the network, not to a decoder. */
export type DropReason =
  /** No key to seal with, or none for the KID of a received frame. */
  | 'missing-key'
  /** Not an SFrame frame: clear, damaged beyond recognition, or with an impossible counter. */
  | 'malformed'
  /** Forged, damaged, of another participant or track, or under another key. */
  | 'not-authentic'
  /** Accepted before, or older than the window. */
  | 'replay'
  /** Shorter than what its codec leaves clear. */
  | 'too-short'
  /** A codec that is not sealed here. */
  | 'unsupported-codec'
  /** 2^32 frames were sealed under one key. */
  | 'counter-exhausted'
  /** An invariant of ours broke; please report it. */
  | 'internal'

/** All reasons, for tables and tests. */
export const DROP_REASONS: readonly DropReason[] = [
  'missing-key',
  'malformed',
  'not-authentic',
  'replay',
  'too-short',
  'unsupported-codec',
  'counter-exhausted',
  'internal',
]

/** Counters of a track, or of many together. A frame is counted once. */
export interface FrameCounters {
  readonly sealed: number
  readonly opened: number
  /** Frames of zero bytes, passed on (spec M7). */
  readonly empty: number
  readonly dropped: Readonly<Record<DropReason, number>>
}

/** Counters at zero. */
export function emptyCounters(): FrameCounters {
  return { sealed: 0, opened: 0, empty: 0, dropped: noDrops() }
}

/** A table of drops at zero, one entry for each reason. */
export function noDrops(): Record<DropReason, number> {
  return {
    'missing-key': 0,
    malformed: 0,
    'not-authentic': 0,
    replay: 0,
    'too-short': 0,
    'unsupported-codec': 0,
    'counter-exhausted': 0,
    internal: 0,
  }
}
