import type { Clock } from '@conclave/base'
import type { Overload } from '../door/admission.ts'

/** Sees that the process has no time or no memory left, so that the hub takes no more connections for a while. spec H45 */
export class LoadMonitor {
  readonly #options: LoadMonitorOptions
  readonly #lates: number[] = []
  #timer: unknown
  #dueMs = 0

  constructor(options: LoadMonitorOptions) {
    this.#options = options
    this.#wait()
  }

  /** The thing that is short, if there is one. */
  get overload(): Overload | undefined {
    const { memoryBytes, maxLagMs } = this.#options
    if (this.#options.usedBytes() > memoryBytes * FULL_PART) return 'memory'
    const isLate = this.#lates.length === LOOKS && Math.min(...this.#lates) > maxLagMs
    return isLate ? 'lag' : undefined
  }

  /** Looks no longer. */
  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  #wait(): void {
    const { clock } = this.#options
    this.#dueMs = clock.now() + INTERVAL_MS
    this.#timer = clock.setTimeout(() => {
      this.#lates.push(clock.now() - this.#dueMs)
      if (this.#lates.length > LOOKS) this.#lates.shift()
      this.#wait()
    }, INTERVAL_MS)
  }
}

/** The needs of a {@link LoadMonitor}. */
export interface LoadMonitorOptions {
  readonly clock: Clock
  /** The memory that the process uses. */
  readonly usedBytes: () => number
  readonly memoryBytes: number
  /** How late the event loop may be, all the time. */
  readonly maxLagMs: number
}

const INTERVAL_MS = 100
/** One late turn is no overload. */
const LOOKS = 8
const FULL_PART = 0.9
