/**
 * The end of what an earlier root of the room made: whoever does not get the next root is out. spec R59
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { Introductions } from '../messages/introductions.ts'
import type { Roster } from '../messages/roster.ts'

/** Ends the pairs of an earlier root after a while, and parts with those who have none under the present one soon after. */
export class RootChanges {
  readonly #options: RootChangesOptions
  #timer: unknown

  constructor(options: RootChangesOptions) {
    this.#options = options
    options.introductions.on('rootChanged', () => this.#changed())
  }

  /** Ends the timer. */
  close(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  #changed(): void {
    this.#after(EARLIER_ROOTS_MS, () => {
      const { introductions, roster } = this.#options
      const ended = introductions.endEarlier()
      this.#after(INTRODUCED_AGAIN_MS, () => {
        for (const id of ended) if (!introductions.isCurrent(id)) roster.putOut(id)
      })
    })
  }

  #after(delayMs: number, act: () => void): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(act, delayMs)
  }
}

/** The needs of {@link RootChanges}. */
export interface RootChangesOptions {
  readonly introductions: Introductions
  readonly roster: Roster
  readonly clock: Clock
}

/** How long members have to get the next root, one after the other. */
const EARLIER_ROOTS_MS = 10_000
const INTRODUCED_AGAIN_MS = 5000
