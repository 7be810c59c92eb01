/** A clock that the test moves. */
import type { Clock } from '../../src/state/clock.ts'

export class VirtualClock implements Clock {
  #nowMs = 1_000_000
  #nextHandle = 1
  readonly #timers = new Map<number, { readonly at: number; readonly run: () => void }>()

  now(): number {
    return this.#nowMs
  }

  setTimeout(run: () => void, delayMs: number): number {
    const handle = this.#nextHandle
    this.#nextHandle += 1
    this.#timers.set(handle, { at: this.#nowMs + delayMs, run })
    return handle
  }

  clearTimeout(handle: unknown): void {
    if (typeof handle === 'number') this.#timers.delete(handle)
  }

  /** How many timers are waiting. */
  get waiting(): number {
    return this.#timers.size
  }

  /** Lets time pass and runs what is due, in order, with all that follows from it. */
  async pass(ms: number): Promise<void> {
    const end = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.#timers]
        .filter(([, timer]) => timer.at <= end)
        .toSorted(([, left], [, right]) => left.at - right.at)
      if (next === undefined) break
      const [handle, timer] = next
      this.#timers.delete(handle)
      this.#nowMs = Math.max(this.#nowMs, timer.at)
      timer.run()
      await settle()
    }
    this.#nowMs = end
    await settle()
  }
}

/** Lets every promise that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 25; turn += 1) await Promise.resolve()
}
