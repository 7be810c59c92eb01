/**
 * Counts the frames that a session seals, so that its key does not seal too many. spec R51
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** Looks at the counters of the frame encryption from time to time, while media is sent. */
export class FrameCount {
  readonly #options: FrameCountOptions
  #timer: unknown
  #total = 0

  constructor(options: FrameCountOptions) {
    this.#options = options
  }

  /** Begins or ends to count. */
  watch(isOn: boolean): void {
    if (isOn === (this.#timer !== undefined)) return
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = isOn ? this.#options.clock.setTimeout(() => this.#look(), PAUSE_MS) : undefined
  }

  #look(): void {
    this.#timer = undefined
    this.watch(true)
    this.#options.total().then(
      (total) => this.#count(total),
      // A worker that fails seals nothing, and that is reported elsewhere.
      () => {},
    )
  }

  /** Counters of connections that ended are gone with them. */
  #count(total: number): void {
    const count = total < this.#total ? total : total - this.#total
    this.#total = total
    if (count > 0) this.#options.counted(count)
  }
}

/** The needs of {@link FrameCount}. */
export interface FrameCountOptions {
  readonly clock: Clock
  /** The frames that were sealed on all connections that stand. */
  total(): Promise<number>
  counted(count: number): void
}

const PAUSE_MS = 15_000
