/**
 * Asks the worker again and again whether it is there: one that hangs raises no error. spec M31
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** The clock, the question, and the callback. */
export interface WorkerPulseOptions {
  readonly clock: Clock
  /** Resolves when the worker answers. */
  ask(): Promise<unknown>
  /** Called once, when the worker did not answer for 5 s. */
  onSilence(): void
}

/** Asks every 500 ms until it is closed, or finds the worker silent. */
export class WorkerPulse {
  readonly #options: WorkerPulseOptions
  #open: { readonly askedAtMs: number; looks: number } | undefined
  #timer: unknown
  #isClosed = false

  constructor(options: WorkerPulseOptions) {
    this.#options = options
    this.#beat()
  }

  /** Ends the questions. */
  close(): void {
    this.#isClosed = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  #beat(): void {
    const { clock } = this.#options
    if (this.#open === undefined) this.#ask()
    else {
      // Counts wake-ups besides time: after the machine or the page slept, the worker gets its chance.
      this.#open.looks += 1
      const hasTimeGone = clock.now() - this.#open.askedAtMs >= SILENCE_MS
      if (hasTimeGone && this.#open.looks >= MIN_LOOKS) {
        this.close()
        return this.#options.onSilence()
      }
    }
    this.#timer = clock.setTimeout(() => this.#beat(), PULSE_INTERVAL_MS)
  }

  #ask(): void {
    const open = { askedAtMs: this.#options.clock.now(), looks: 0 }
    this.#open = open
    const answered = (): void => {
      if (!this.#isClosed) this.#open = undefined
    }
    // A rejection is the worker's failure, which its link reports.
    this.#options.ask().then(answered, answered)
  }
}

/** How often the worker is asked. */
export const PULSE_INTERVAL_MS = 500
const SILENCE_MS = 5000
const MIN_LOOKS = 5
