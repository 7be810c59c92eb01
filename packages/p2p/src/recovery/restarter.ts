/**
 * Runs the restart policy of one connection on a clock.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { initialRestartState, stepRestart } from './restart-policy.ts'
import type { RestartInput } from './restart-policy.ts'

/** Feeds {@link stepRestart} and calls `restart` whenever the policy says so; end it with `close`. */
export class Restarter {
  readonly #clock: Clock
  readonly #restart: () => void
  #state = initialRestartState
  #timer: unknown
  #closed = false

  constructor(clock: Clock, restart: () => void) {
    this.#clock = clock
    this.#restart = restart
  }

  /** Passes an event to the policy. */
  observe(input: RestartInput): void {
    if (this.#closed) return
    const nowMs = this.#clock.now()
    const step = stepRestart(this.#state, input, nowMs)
    this.#state = step.state
    this.#clock.clearTimeout(this.#timer)
    if (step.state.wakeAtMs !== undefined) {
      const delayMs = Math.max(0, step.state.wakeAtMs - nowMs)
      this.#timer = this.#clock.setTimeout(() => this.observe({ type: 'tick' }), delayMs)
    }
    if (step.restart) this.#restart()
  }

  /** Ends the timer. */
  close(): void {
    this.#closed = true
    this.#clock.clearTimeout(this.#timer)
  }
}
