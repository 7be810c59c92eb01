/**
 * Says what this side wants of the videos of a peer, as often as it takes to be heard.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { Retry } from '../recovery/retry.ts'

/** Gathers changes for a moment, and says them again a few times: any message may get lost. spec S124 */
export class WishSender {
  readonly #retry: Retry
  #said = 0

  /** @param say says everything that is wanted now */
  constructor(clock: Clock, say: () => void) {
    this.#retry = new Retry(
      clock,
      () => {
        this.#said += 1
        if (this.#said === PAUSES_MS.length) this.#retry.stop()
        say()
      },
      (repetition) => PAUSES_MS[repetition] ?? 0,
    )
  }

  /** Something else is wanted now. */
  changed(): void {
    this.#said = 0
    this.#retry.start()
  }

  /** Says nothing more. */
  close(): void {
    this.#retry.stop()
  }
}

/** From the change to the first message, and then between the messages, in milliseconds. */
const PAUSES_MS: readonly number[] = [50, 500, 1000, 2000]
