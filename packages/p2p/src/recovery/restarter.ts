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
  readonly #mayRestart: () => boolean
  #state = initialRestartState
  #timer: unknown
  /** The network of this device changed, and nobody could hear of a restart. */
  #isDue = false
  #closed = false

  /** @param mayRestart `false` while a restart is of no use, because nobody would hear of it */
  constructor(clock: Clock, restart: () => void, mayRestart: () => boolean) {
    this.#clock = clock
    this.#restart = restart
    this.#mayRestart = mayRestart
  }

  /** Passes an event to the policy. */
  observe(input: RestartInput): void {
    if (this.#closed) return
    const nowMs = this.#clock.now()
    const isBack = input.type === 'signalling' && this.#isDue
    const step = stepRestart(this.#state, isBack ? { type: 'network' } : input, nowMs)
    // Chromium gives a connection up for good, unless it waits for the answer to a restart.
    const isFirst = this.#state.attempts === 0 && step.state.connection === 'down'
    const isDone = step.restart && (isFirst || this.#mayRestart())
    if (step.restart) this.#isDue = !isDone && (this.#isDue || input.type === 'network')
    // What is not done is due again later, and at once when the peer is within reach.
    const { lastAtMs } = step.restart && !isDone ? this.#state : step.state
    this.#state = { ...step.state, lastAtMs }
    this.#clock.clearTimeout(this.#timer)
    if (step.state.wakeAtMs !== undefined) {
      const delayMs = Math.max(0, step.state.wakeAtMs - nowMs)
      this.#timer = this.#clock.setTimeout(() => this.observe({ type: 'tick' }), delayMs)
    }
    if (isDone) this.#restart()
  }

  /** Ends the timer. */
  close(): void {
    this.#closed = true
    this.#clock.clearTimeout(this.#timer)
  }
}
