/**
 * Time that passes only while a test waits.
 *
 * @module
 */
import { VirtualClock } from '@conclave/base/testing'

/** Options of a {@link TestTime}. */
export interface TestTimeOptions {
  /** The time at the beginning, in milliseconds since 1970. */
  readonly startMs?: number
  /** How far the clock goes at once; 20 ms by default. */
  readonly stepMs?: number
  /** Turns of the event loop after each step, in which cryptography gets on; 4 by default. */
  readonly turns?: number
}

/** A virtual clock and ways to wait on it. Cryptography takes real time, in which the clock stands still. */
export class TestTime {
  /** Give it to rooms, as their option `clock`. */
  readonly clock: VirtualClock
  readonly #stepMs: number
  readonly #turns: number

  get [Symbol.toStringTag](): string {
    return 'TestTime'
  }

  constructor({ startMs = 1_700_000_000_000, stepMs = 20, turns = 4 }: TestTimeOptions = {}) {
    this.clock = new VirtualClock(startMs)
    this.#stepMs = stepMs
    this.#turns = turns
  }

  /** Lets so much time pass, in steps in which everything that is under way gets on. */
  async pass(ms: number, { stepMs = this.#stepMs }: { stepMs?: number } = {}): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) await this.#step(stepMs)
  }

  /**
   * Lets time pass until something is so; resolves with how much has passed on the clock.
   *
   * @param options.withinMs rejects when it is not so after this much time on the clock; two minutes by default
   */
  async until(
    isSo: () => boolean | Promise<boolean>,
    { withinMs = 120_000, stepMs = this.#stepMs }: { withinMs?: number; stepMs?: number } = {},
  ): Promise<number> {
    const startMs = this.clock.now()
    while (!(await isSo())) {
      if (this.clock.now() - startMs > withinMs) {
        throw new Error(`it never came to that in ${withinMs} ms: ${String(isSo)}`)
      }
      await this.#step(stepMs)
    }
    return this.clock.now() - startMs
  }

  /** Lets time pass until a promise settles; settles as it does. */
  async during<T>(promise: Promise<T>, options: { withinMs?: number } = {}): Promise<T> {
    let isSettled = false
    const settled = promise.finally(() => {
      isSettled = true
    })
    settled.catch(() => undefined)
    await this.until(() => isSettled, options)
    return settled
  }

  async #step(stepMs: number): Promise<void> {
    this.clock.advance(stepMs)
    for (let turn = 0; turn < this.#turns; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
}
