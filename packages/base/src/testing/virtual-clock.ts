/**
 * A clock that the test turns.
 *
 * @module
 */
import type { Clock } from '../clock.ts'

/** Time stands still until {@link VirtualClock.advance}. */
export class VirtualClock implements Clock {
  #nowMs: number
  #timers: Timer[] = []

  get [Symbol.toStringTag](): string {
    return 'VirtualClock'
  }

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs
  }

  /** As {@link Clock.now}. */
  now(): number {
    return this.#nowMs
  }

  /** As {@link Clock.setTimeout}. */
  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback }
    this.#timers.push(timer)
    return timer
  }

  /** As {@link Clock.clearTimeout}. */
  clearTimeout(handle: unknown): void {
    this.#timers = this.#timers.filter((timer) => timer !== handle)
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length
  }

  /** Lets time pass; timers fire in the order of their times, each at its own. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (;;) {
      const due = this.#timers
        .filter((timer) => timer.atMs <= untilMs)
        .reduce<Timer | undefined>(
          (first, timer) => (first === undefined || timer.atMs < first.atMs ? timer : first),
          undefined,
        )
      if (due === undefined) break
      this.#nowMs = Math.max(this.#nowMs, due.atMs)
      this.clearTimeout(due)
      due.callback()
    }
    this.#nowMs = untilMs
  }
}

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}
