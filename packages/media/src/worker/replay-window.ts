/**
 * Remembers which counters were accepted, so that no frame is played twice (spec M12).
 *
 * @module
 */

/** How far behind the newest counter a frame may arrive: 5 s of a ten-person mesh. */
export const REPLAY_WINDOW_SIZE = 4096

/**
 * One sliding window of accepted counters. Ask with `isFresh` before opening a frame and mark with
 * `commit` only after it authenticated: otherwise forged frames would push the window ahead.
 */
export class ReplayWindow {
  /** One bit for each of the last counters; counter `c` has bit `c % size`. */
  readonly #seen = new Uint32Array(REPLAY_WINDOW_SIZE / 32)
  #highest = -1

  /** Whether this counter was not accepted yet and does not lie below the window. */
  isFresh(ctr: number): boolean {
    if (ctr > this.#highest) return true
    if (ctr <= this.#highest - REPLAY_WINDOW_SIZE) return false
    return !this.#bit(ctr)
  }

  /** Accepts a counter. False if it is not fresh any more: another frame with it came first. */
  commit(ctr: number): boolean {
    if (!this.isFresh(ctr)) return false
    if (ctr > this.#highest) this.#advance(ctr)
    const slot = ctr % REPLAY_WINDOW_SIZE
    this.#seen[slot >>> 5] = (this.#seen[slot >>> 5] ?? 0) | (1 << (slot & 31))
    return true
  }

  #bit(ctr: number): boolean {
    const slot = ctr % REPLAY_WINDOW_SIZE
    return ((this.#seen[slot >>> 5] ?? 0) & (1 << (slot & 31))) !== 0
  }

  #advance(ctr: number): void {
    if (ctr - this.#highest >= REPLAY_WINDOW_SIZE) this.#seen.fill(0)
    else {
      for (let next = this.#highest + 1; next <= ctr; next += 1) {
        const slot = next % REPLAY_WINDOW_SIZE
        this.#seen[slot >>> 5] = (this.#seen[slot >>> 5] ?? 0) & ~(1 << (slot & 31))
      }
    }
    this.#highest = ctr
  }
}
