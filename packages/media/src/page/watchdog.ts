/**
 * Compares what connections sent and decoded with what the worker sealed and opened: engines can lose a transform
 * without an error. spec M23, M24
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { PipeCounters } from '../shared/protocol.ts'
import { DecoderProgress } from './decoder-progress.ts'
import { FlowComparison, sumWork } from './flow-comparison.ts'
import { readRtpCounts } from './rtp-counts.ts'

/** A watched sender or receiver, and the pipes that were put on it, usually one. */
export interface WatchedTarget {
  readonly side: 'seal' | 'open'
  readonly kind: 'audio' | 'video'
  readonly pipes: readonly number[]
  getStats(): Promise<RTCStatsReport>
}

/** The counters to compare, and the callbacks. */
export interface WatchdogOptions {
  readonly clock: Clock
  readonly intervalMs?: number
  targets(): Iterable<WatchedTarget>
  readCounters(): Promise<readonly PipeCounters[]>
  /** Called at each check, as long as the counters do not agree. */
  onMismatch(target: WatchedTarget): void
  /** A decoder stands still: a key frame is to be asked for. spec M101 */
  onStill(target: WatchedTarget): void
}

/** Checks every 500 ms until it is closed. */
export class Watchdog {
  readonly #options: WatchdogOptions
  readonly #historyByTarget = new WeakMap<WatchedTarget, History>()
  #state: 'idle' | 'checking' | 'closed' = 'idle'
  #timer: unknown

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Ends the checks. */
  close(): void {
    this.#state = 'closed'
    this.#options.clock.clearTimeout(this.#timer)
  }

  get #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #schedule(): void {
    const { clock, intervalMs = WATCHDOG_INTERVAL_MS } = this.#options
    this.#timer = clock.setTimeout(() => {
      if (this.#state === 'idle') void this.#check()
      if (!this.#isClosed) this.#schedule()
    }, intervalMs)
  }

  /** Never rejects: without an answer there is nothing to compare until the next check. */
  async #check(): Promise<void> {
    const { clock } = this.#options
    const targets = Array.from(this.#options.targets())
    if (targets.length === 0) return
    this.#state = 'checking'
    try {
      const samples = await Promise.all(targets.map((target) => readRtpCounts(target, clock)))
      if (this.#isClosed) return
      // Read after the connections', so that a frame on its way can only make the worker's greater.
      const counters = await this.#options.readCounters()
      // The worker has no counters of what was released meanwhile: beside them everything would look clear.
      const watched = new Set(this.#options.targets())
      for (const [index, target] of targets.entries()) {
        if (!watched.has(target)) continue
        const rtp = samples[index]
        const work = sumWork(counters.filter(({ pipe }) => target.pipes.includes(pipe)))
        if (!rtp || this.#isClosed) continue
        const { comparison, progress } = this.#historyOf(target)
        if (!comparison.agrees({ rtp, work })) this.#options.onMismatch(target)
        else if (target.side === 'open' && target.kind === 'video') {
          const counts = { opened: work.passed, decoded: rtp.framesDecoded }
          if (progress.needsKeyFrame(counts)) this.#options.onStill(target)
        }
      }
    } catch {
      // The worker has failed, which its link reports.
    } finally {
      if (!this.#isClosed) this.#state = 'idle'
    }
  }

  #historyOf(target: WatchedTarget): History {
    const known = this.#historyByTarget.get(target)
    if (known) return known
    const fresh = { comparison: new FlowComparison(target), progress: new DecoderProgress() }
    this.#historyByTarget.set(target, fresh)
    return fresh
  }
}

/** The counts of a target at earlier checks. */
interface History {
  readonly comparison: FlowComparison
  readonly progress: DecoderProgress
}

/** How often counters are compared. */
export const WATCHDOG_INTERVAL_MS = 500
