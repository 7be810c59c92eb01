/**
 * A clock that tests turn by hand.
 *
 * @module
 */
import type { Clock } from '../clock.ts'

/** Stands still until `advance`. */
export class VirtualClock implements Clock {
  #nowMs = 0
  #next = 1
  readonly #timers = new Map<number, { readonly atMs: number; readonly callback: () => void }>()

  now(): number {
    return this.#nowMs
  }

  setTimeout(callback: () => void, delayMs: number): number {
    this.#timers.set(this.#next, { atMs: this.#nowMs + delayMs, callback })
    this.#next += 1
    return this.#next - 1
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number)
  }

  /** Moves time on and fires what is due, in order. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (;;) {
      const due = [...this.#timers].filter(([, { atMs }]) => atMs <= untilMs)
      const first = due.toSorted(([, left], [, right]) => left.atMs - right.atMs)[0]
      if (first === undefined) break
      const [handle, { atMs, callback }] = first
      this.#timers.delete(handle)
      this.#nowMs = Math.max(this.#nowMs, atMs)
      callback()
    }
    this.#nowMs = untilMs
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size
  }
}
