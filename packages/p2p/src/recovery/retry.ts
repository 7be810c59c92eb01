/**
 * Says something again, less and less often, until it was heard.
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** Pauses between repetitions of a message that may be lost, in milliseconds; the last one repeats. spec S22 */
export const RETRY_DELAYS_MS: readonly number[] = [500, 1_000, 2_000, 4_000, 8_000]

/** A repeating timer with back-off: `start` begins it, `stop` ends it. */
export class Retry {
  readonly #clock: Clock
  readonly #delaysMs: readonly number[]
  readonly #action: () => void
  #attempts = 0
  #timer: unknown

  constructor(clock: Clock, action: () => void, delaysMs: readonly number[] = RETRY_DELAYS_MS) {
    this.#clock = clock
    this.#action = action
    this.#delaysMs = delaysMs
  }

  /** Calls the action after the first pause, then after longer ones. The caller does the first try itself. */
  start(): void {
    this.#attempts = 0
    this.#schedule()
  }

  /** Goes on without beginning afresh: for something new that failed like the last. */
  resume(): void {
    this.#schedule()
  }

  /** No further calls for now; {@link Retry.resume} goes on with the next longer pause. */
  pause(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  /** No further calls, and the next pause is the first again. */
  stop(): void {
    this.#attempts = 0
    this.#clock.clearTimeout(this.#timer)
  }

  #schedule(): void {
    this.#clock.clearTimeout(this.#timer)
    const last = this.#delaysMs.length - 1
    const delayMs = this.#delaysMs[Math.min(this.#attempts, last)] ?? 8_000
    this.#attempts += 1
    this.#timer = this.#clock.setTimeout(() => {
      this.#schedule()
      this.#action()
    }, delayMs)
  }
}
