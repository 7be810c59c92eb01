/**
 * Ends waiting: what people wait for longer than they believe in it is called off, until it comes after all.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'

/** Follows waits by their names; ends with `close()`. */
export class Patience {
  /** The waits that have lasted too long, and go on. */
  readonly overdue: ReadonlySignal<ReadonlySet<string>>
  readonly #overdue: Signal<ReadonlySet<string>> = signal(new Set())
  readonly #clock: Clock
  readonly #timers = new Map<string, unknown>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.overdue = this.#overdue
  }

  /**
   * Names all waits of this moment, with the milliseconds after which each is overdue: new ones begin, and those that are no
   * longer named have ended.
   */
  follow(waits: ReadonlyMap<string, number>): void {
    for (const [wait, timer] of this.#timers) {
      if (waits.has(wait)) continue
      this.#clock.clearTimeout(timer)
      this.#timers.delete(wait)
    }
    for (const [wait, ms] of waits) {
      if (this.#timers.has(wait)) continue
      const timer = this.#clock.setTimeout(() => this.#end(wait), ms)
      this.#timers.set(wait, timer)
    }
    const overdue = this.#overdue.peek()
    const left = [...overdue].filter((wait) => waits.has(wait))
    if (left.length < overdue.size) this.#overdue.value = new Set(left)
  }

  /** Ends all waits. */
  close(): void {
    this.follow(new Map())
  }

  #end(wait: string): void {
    this.#overdue.value = new Set(this.#overdue.peek()).add(wait)
  }
}
