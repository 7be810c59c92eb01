/**
 * Repeats an action with growing pauses until it is stopped.
 *
 * @module
 */
import { backoffMs } from '@conclave/base'
import type { Clock } from '@conclave/base'

/** The pause before a repetition of a message that may be lost, in milliseconds. spec S22 */
function retryPauseMs(repetition: number): number {
  return backoffMs(repetition, { firstMs: 500, maxMs: 8_000 })
}

/** The pause before a repetition of the question into a room, in milliseconds. spec S36 */
export function discoveryPauseMs(repetition: number): number {
  return backoffMs(repetition, { firstMs: 1_000, maxMs: 30_000 })
}

/** A repeating timer with growing pauses: `start` begins it, `stop` ends it. */
export class Retry {
  readonly #clock: Clock
  readonly #action: () => void
  readonly #pauseMs: (repetition: number) => number
  #repetitions = 0
  #timer: unknown

  /** @param pauseMs the pause before each repetition, from 0 */
  constructor(
    clock: Clock,
    action: () => void,
    pauseMs: (repetition: number) => number = retryPauseMs,
  ) {
    this.#clock = clock
    this.#action = action
    this.#pauseMs = pauseMs
  }

  /** Calls the action after the first pause, then after longer ones. The caller makes the first attempt itself. */
  start(): void {
    this.#repetitions = 0
    this.resume()
  }

  /** Continues with the next longer pause, for a new action that failed like the last. */
  resume(): void {
    this.pause()
    const delayMs = this.#pauseMs(this.#repetitions)
    this.#repetitions += 1
    this.#timer = this.#clock.setTimeout(() => {
      this.resume()
      this.#action()
    }, delayMs)
  }

  /** Ends the calls for now; {@link Retry.resume} continues with the next longer pause. */
  pause(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  /** Ends the calls; the next pause is the first again. */
  stop(): void {
    this.#repetitions = 0
    this.pause()
  }
}
