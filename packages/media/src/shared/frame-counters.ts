/**
 * Counters of frames, and the reasons for which frames are dropped.
 *
 * @module
 */

/** The reason for which a frame was dropped. A dropped frame reaches neither the network nor a decoder. */
export type FrameDropReason =
  /** No key to seal with, or none for the KID of a received frame. */
  | 'missing-key'
  /** Not an SFrame frame: clear, damaged beyond recognition, or with an impossible counter. */
  | 'malformed'
  /** Forged, damaged, of another participant or track, or under another key. */
  | 'not-authentic'
  /** Accepted before, or older than the replay window. */
  | 'replay'
  /** Shorter than the clear prefix of its codec. */
  | 'too-short'
  /** A codec that is not sealed here. */
  | 'unsupported-codec'
  /** 2^32 frames were sealed under one key. */
  | 'counter-exhausted'
  /** Of a sender that signs its media, on a track that had frames which it did not sign. spec M95 */
  | 'not-signed'
  /** In flight when its transform was pointed at another track, or of a track that nobody is assigned to. spec M56 */
  | 'repointed'
  /** Made by a media server, and listed by the application. spec M69 */
  | 'server-made'
  /** An invariant of ours broke; please report it. */
  | 'internal'

/** Counters of a track, or of several together. Each frame is counted once. */
export interface FrameCounters {
  readonly sealed: number
  /** The bytes of the sealed frames, as they go out. spec M23 */
  readonly sealedBytes: number
  readonly opened: number
  /** Frames of zero bytes, passed on. spec M7 */
  readonly empty: number
  readonly dropped: Readonly<Record<FrameDropReason, number>>
}

/** No drops: zero for each reason. */
export const NO_DROPS: FrameCounters['dropped'] = {
  'missing-key': 0,
  malformed: 0,
  'not-authentic': 0,
  replay: 0,
  'too-short': 0,
  'unsupported-codec': 0,
  'counter-exhausted': 0,
  'not-signed': 0,
  repointed: 0,
  'server-made': 0,
  internal: 0,
}

/** Counters at zero. */
export const NO_FRAMES: FrameCounters = {
  sealed: 0,
  sealedBytes: 0,
  opened: 0,
  empty: 0,
  dropped: NO_DROPS,
}

/** Adds up two counts. */
export function addCounters(a: FrameCounters, b: FrameCounters): FrameCounters {
  const dropped = { ...a.dropped }
  for (const reason of Object.keys(dropped) as FrameDropReason[]) {
    dropped[reason] += b.dropped[reason]
  }
  return {
    sealed: a.sealed + b.sealed,
    sealedBytes: a.sealedBytes + b.sealedBytes,
    opened: a.opened + b.opened,
    empty: a.empty + b.empty,
    dropped,
  }
}
