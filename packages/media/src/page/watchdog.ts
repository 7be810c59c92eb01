/**
 * Compares what connections sent and decoded with what the worker sealed and opened: engines can lose a
 * transform without a word (spec M23, M24).
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { PipeCounters } from '../shared/protocol.ts'

/** What is watched: a sender or receiver, and the pipes that were put on it, usually one. */
export interface WatchedTarget {
  readonly side: 'seal' | 'open'
  readonly kind: 'audio' | 'video'
  readonly pipes: readonly number[]
  getStats(): Promise<RTCStatsReport>
}

/** What the watchdog looks at, and whom it tells. */
export interface WatchdogOptions {
  readonly clock: Clock
  readonly intervalMs?: number
  targets(): Iterable<WatchedTarget>
  readCounters(): Promise<readonly PipeCounters[]>
  /** At each look, as long as the counters do not agree. */
  onMismatch(target: WatchedTarget): void
  /** The worker did not answer for 10 looks. */
  onSilence(): void
}

/** Looks every 500 ms until it is closed. */
export class Watchdog {
  readonly #options: WatchdogOptions
  readonly #blindnessByTarget = new WeakMap<WatchedTarget, Blindness>()
  readonly #framesSentByTarget = new WeakMap<WatchedTarget, number>()
  #timer: unknown
  #unanswered = 0
  #isLooking = false
  #isAsking = false
  #isClosed = false

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Stops looking. */
  close(): void {
    this.#isClosed = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  #schedule(): void {
    const { clock, intervalMs = WATCHDOG_INTERVAL_MS } = this.#options
    this.#timer = clock.setTimeout(() => {
      this.#tick()
      if (!this.#isClosed) this.#schedule()
    }, intervalMs)
  }

  #tick(): void {
    if (this.#isLooking) {
      // Counts our own wake-ups, not time: after the machine slept, the worker gets its chance.
      if (this.#isAsking) this.#unanswered += 1
      if (this.#unanswered >= MAX_UNANSWERED) this.#options.onSilence()
      return
    }
    this.#isLooking = true
    this.#look()
      .catch(() => {})
      .finally(() => {
        this.#isLooking = false
        this.#isAsking = false
        this.#unanswered = 0
      })
  }

  async #look(): Promise<void> {
    const targets = Array.from(this.#options.targets())
    if (targets.length === 0) return
    const samples = await Promise.all(targets.map((target) => this.#readRtp(target)))
    this.#isAsking = true
    // Read after the connection's, so that a frame on its way can only make the worker's greater.
    const counters = await this.#options.readCounters()
    for (const [index, target] of targets.entries()) {
      const rtp = samples[index]
      const own = counters.filter(({ pipe }) => target.pipes.includes(pipe))
      if (rtp && !this.#isClosed && !this.#agrees(target, { rtp, work: sumOf(own) })) {
        this.#options.onMismatch(target)
      }
    }
  }

  /** `undefined` where a connection gives no statistics: once closed, some engines never answer. */
  async #readRtp(target: WatchedTarget): Promise<RtpCounts | undefined> {
    const { clock } = this.#options
    let timer: unknown
    const timeout = new Promise<undefined>((resolve) => {
      timer = clock.setTimeout(() => resolve(undefined), STATS_TIMEOUT_MS)
    })
    try {
      const report = await Promise.race([target.getStats(), timeout])
      return report && countRtp(report)
    } catch {
      return undefined
    } finally {
      clock.clearTimeout(timer)
    }
  }

  #agrees(target: WatchedTarget, sample: Sample): boolean {
    const { rtp, work } = sample
    const { side, kind } = target
    if (kind === 'video') {
      if (side === 'open') return !exceeds(kind, { rtp: rtp.framesDecoded, work: work.passed })
      // Counted where frames leave the encoder, before the transform: what the worker dropped is in it, and
      // what is on its way to the worker. Therefore that of the look before is compared.
      const before = this.#framesSentByTarget.get(target) ?? 0
      this.#framesSentByTarget.set(target, rtp.framesSent)
      return !exceeds(kind, { rtp: before, work: work.seen })
    }
    if (side === 'seal') return !exceeds(kind, { rtp: rtp.packetsSent, work: work.passed })
    const before = this.#blindnessByTarget.get(target)
    const after = stepBlindness(before, { packets: rtp.packetsReceived, seen: work.seen })
    this.#blindnessByTarget.set(target, after)
    return after.intervals < BLIND_INTERVALS
  }
}

/** Whether more went past the worker than came through it, beyond what counters may differ by. */
export function exceeds(
  kind: 'audio' | 'video',
  counts: { readonly rtp: number; readonly work: number },
): boolean {
  return counts.rtp - counts.work > TOLERANCE[kind]
}

/** For how many intervals in a row packets came while the worker saw no frame. */
export interface Blindness {
  readonly packets: number
  readonly seen: number
  readonly intervals: number
}

/** Takes the counts of another interval. */
export function stepBlindness(
  before: Blindness | undefined,
  now: { readonly packets: number; readonly seen: number },
): Blindness {
  const isBlind =
    now.seen === (before?.seen ?? 0) && now.packets - (before?.packets ?? 0) >= TOLERANCE.audio
  return { ...now, intervals: isBlind ? (before?.intervals ?? 0) + 1 : 0 }
}

interface RtpCounts {
  readonly framesSent: number
  readonly packetsSent: number
  readonly framesDecoded: number
  readonly packetsReceived: number
}

interface WorkCounts {
  readonly passed: number
  readonly seen: number
}

interface Sample {
  readonly rtp: RtpCounts
  readonly work: WorkCounts
}

const countRtp = (report: RTCStatsReport): RtpCounts => {
  const counts = { framesSent: 0, packetsSent: 0, framesDecoded: 0, packetsReceived: 0 }
  report.forEach((entry: Partial<Record<string, unknown>>) => {
    if (entry['type'] !== 'outbound-rtp' && entry['type'] !== 'inbound-rtp') return
    for (const name of RTP_COUNTS) counts[name] += countIn(entry, name)
  })
  return counts
}

const countIn = (entry: Partial<Record<string, unknown>>, name: string): number => {
  const value = entry[name]
  return typeof value === 'number' ? value : 0
}

const sumOf = (counters: readonly PipeCounters[]): WorkCounts => {
  let passed = 0
  let seen = 0
  for (const { sealed, opened, empty, dropped, waiting } of counters) {
    passed += sealed + opened + empty
    seen += sealed + opened + empty + waiting
    for (const count of Object.values(dropped)) seen += count
  }
  return { passed, seen }
}

/** How often counters are compared. */
export const WATCHDOG_INTERVAL_MS = 500
const TOLERANCE = { audio: 10, video: 5 } as const
const RTP_COUNTS = ['framesSent', 'packetsSent', 'framesDecoded', 'packetsReceived'] as const
const BLIND_INTERVALS = 2
const STATS_TIMEOUT_MS = 2000
const MAX_UNANSWERED = 10
