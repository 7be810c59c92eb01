/**
 * When the media of a session is made again after its encryption failed. spec R111
 *
 * @module
 */
import { backoffMs } from '@conclave/base'

/** Counts failures one soon after the other; those of media that worked for a minute are forgotten. */
export class Restarts {
  #inRow = 0
  #workingSinceMs = Infinity

  /** Media works again since this moment. */
  worked(nowMs: number): void {
    this.#workingSinceMs = nowMs
  }

  /** The pause before media is made again, in milliseconds; `undefined` when it failed too often. */
  next(nowMs: number): number | undefined {
    if (nowMs - this.#workingSinceMs >= SETTLED_MS) this.#inRow = 0
    this.#workingSinceMs = Infinity
    const repetition = this.#inRow
    if (repetition >= MAX_RESTARTS) return undefined
    this.#inRow += 1
    return repetition === 0 ? 0 : backoffMs(repetition - 1, { firstMs: 1000, maxMs: 8000 })
  }
}

const SETTLED_MS = 60_000
/** A machine on which so many workers failed in a row has a fault that no further one mends. */
const MAX_RESTARTS = 5
