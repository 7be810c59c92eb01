/**
 * Compares what connections sent and decoded with what the worker sealed and opened: engines can lose a transform
 * without an error. spec M23, M24
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { PipeCounters } from '../shared/protocol.ts'
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
  /** Called when the worker did not answer for 10 checks. */
  onSilence(): void
}

/** Checks every 500 ms until it is closed. */
export class Watchdog {
  readonly #options: WatchdogOptions
  readonly #comparisonByTarget = new WeakMap<WatchedTarget, FlowComparison>()
  #state: WatchdogState = { state: 'idle' }
  #timer: unknown

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Ends the checks. */
  close(): void {
    this.#state = { state: 'closed' }
    this.#options.clock.clearTimeout(this.#timer)
  }

  get #isClosed(): boolean {
    return this.#state.state === 'closed'
  }

  #schedule(): void {
    const { clock, intervalMs = WATCHDOG_INTERVAL_MS } = this.#options
    this.#timer = clock.setTimeout(() => {
      this.#tick()
      if (!this.#isClosed) this.#schedule()
    }, intervalMs)
  }

  #tick(): void {
    if (this.#state.state === 'idle') return void this.#check()
    if (this.#state.state !== 'asking-worker') return
    // Counts our own wake-ups, not time: after the machine slept, the worker gets its chance.
    const unanswered = this.#state.unanswered + 1
    this.#state = { state: 'asking-worker', unanswered }
    if (unanswered >= MAX_UNANSWERED) this.#options.onSilence()
  }

  /** Never rejects: without an answer there is nothing to compare until the next check. */
  async #check(): Promise<void> {
    const { clock } = this.#options
    const targets = Array.from(this.#options.targets())
    if (targets.length === 0) return
    this.#state = { state: 'asking-connections' }
    try {
      const samples = await Promise.all(targets.map((target) => readRtpCounts(target, clock)))
      if (this.#isClosed) return
      this.#state = { state: 'asking-worker', unanswered: 0 }
      // Read after the connections', so that a frame on its way can only make the worker's greater.
      const counters = await this.#options.readCounters()
      for (const [index, target] of targets.entries()) {
        const rtp = samples[index]
        const work = sumWork(counters.filter(({ pipe }) => target.pipes.includes(pipe)))
        if (!rtp || this.#isClosed) continue
        if (!this.#comparisonOf(target).agrees({ rtp, work })) this.#options.onMismatch(target)
      }
    } catch {
      // The worker has failed, which its link reports.
    } finally {
      if (!this.#isClosed) this.#state = { state: 'idle' }
    }
  }

  #comparisonOf(target: WatchedTarget): FlowComparison {
    const known = this.#comparisonByTarget.get(target)
    if (known) return known
    const fresh = new FlowComparison(target)
    this.#comparisonByTarget.set(target, fresh)
    return fresh
  }
}

type WatchdogState =
  | { readonly state: 'idle' }
  | { readonly state: 'asking-connections' }
  | { readonly state: 'asking-worker'; readonly unanswered: number }
  | { readonly state: 'closed' }

/** How often counters are compared. */
export const WATCHDOG_INTERVAL_MS = 500
const MAX_UNANSWERED = 10
