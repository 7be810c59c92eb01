/**
 * Compares the counts of a connection with those of the worker: whether frames go past it. spec M23, M24
 *
 * @module
 */
import { addCounters } from '../shared/frame-counters.ts'
import type { PipeCounters } from '../shared/protocol.ts'
import type { RtpCounts } from './rtp-counts.ts'

/** The frames that passed a target's transforms, and all that reached them, dropped and waiting ones included. */
export interface WorkCounts {
  readonly passed: number
  readonly seen: number
  readonly sealedBytes: number
}

/** Compares the counts of one sender or receiver, at one check after the other. */
export class FlowComparison {
  readonly #target: { readonly side: 'seal' | 'open'; readonly kind: 'audio' | 'video' }
  #framesSentBefore = 0
  #blindness: Blindness | undefined

  constructor(target: { readonly side: 'seal' | 'open'; readonly kind: 'audio' | 'video' }) {
    this.#target = target
  }

  /** Whether the counts of this check agree, with those of earlier checks in mind. */
  agrees({ rtp, work }: { readonly rtp: RtpCounts; readonly work: WorkCounts }): boolean {
    const { side, kind } = this.#target
    if (kind === 'video') {
      if (side === 'open') return !exceeds({ rtp: rtp.framesDecoded, work: work.passed })
      // Counted where frames leave the encoder, before the transform: frames that the worker dropped are in it, and
      // frames that have not reached it. Therefore the count of the check before is compared.
      const before = this.#framesSentBefore
      this.#framesSentBefore = rtp.framesSent
      return !exceeds({ rtp: before, work: work.seen })
    }
    // Engines send packets of nothing but padding beside the sound where no picture is accepted: bytes leave them out.
    if (side === 'seal') return rtp.bytesSent - work.sealedBytes <= TOLERATED_BYTES
    const now = { bytes: rtp.bytesReceived, seen: work.seen }
    this.#blindness = stepBlindness(this.#blindness, now)
    return this.#blindness.intervals < BLIND_INTERVALS
  }
}

/** The sum of the counters of a target's transforms, over all tracks that they carried. */
export function sumWork(counters: readonly PipeCounters[]): WorkCounts {
  let passed = 0
  let seen = 0
  let bytes = 0
  for (const { before, waiting, ...now } of counters) {
    const { sealed, sealedBytes, opened, empty, dropped } = addCounters(before, now)
    bytes += sealedBytes
    passed += sealed + opened + empty
    seen += sealed + opened + empty + waiting
    for (const count of Object.values(dropped)) seen += count
  }
  return { passed, seen, sealedBytes: bytes }
}

/** Whether more frames bypassed the worker than went through it, beyond the tolerance of the counters. */
export function exceeds(counts: { readonly rtp: number; readonly work: number }): boolean {
  return counts.rtp - counts.work > TOLERATED_FRAMES
}

/** The intervals in a row in which sound arrived while the worker saw no frame. */
export interface Blindness {
  readonly bytes: number
  readonly seen: number
  readonly intervals: number
}

/** Adds the counts of another interval. */
export function stepBlindness(
  before: Blindness | undefined,
  now: { readonly bytes: number; readonly seen: number },
): Blindness {
  const isBlind =
    now.seen === (before?.seen ?? 0) && now.bytes - (before?.bytes ?? 0) > TOLERATED_BYTES
  return { ...now, intervals: isBlind ? (before?.intervals ?? 0) + 1 : 0 }
}

const TOLERATED_FRAMES = 5
/** A fifth of a second of speech. */
const TOLERATED_BYTES = 1000
const BLIND_INTERVALS = 2
