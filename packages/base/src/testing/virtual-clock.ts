/**
 * A clock that the test turns.
 *
 * @module
 */
import type { Clock } from '../clock.ts'

/** Time stands still until {@link VirtualClock.advance}. */
export class VirtualClock implements Clock {
  #nowMs: number
  readonly #timersByTime = new Map<number, Set<Timer>>()

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
    const timers = this.#timersByTime.get(timer.atMs) ?? new Set()
    this.#timersByTime.set(timer.atMs, timers.add(timer))
    return timer
  }

  /** As {@link Clock.clearTimeout}. */
  clearTimeout(handle: unknown): void {
    if (handle === undefined) return
    const timer = handle as Timer
    const timers = this.#timersByTime.get(timer.atMs)
    if (timers?.delete(timer) === true && timers.size === 0) this.#timersByTime.delete(timer.atMs)
  }

  /** How many timers wait. */
  get pending(): number {
    return [...this.#timersByTime.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Lets time pass; timers fire in the order of their times, each at its own. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (;;) {
      const firstMs = [...this.#timersByTime.keys()].reduce(
        (first, atMs) => Math.min(first, atMs),
        Number.POSITIVE_INFINITY,
      )
      const [due] = this.#timersByTime.get(firstMs) ?? []
      if (due === undefined || firstMs > untilMs) break
      this.#nowMs = Math.max(this.#nowMs, firstMs)
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
