/**
 * Remembers which counters of a track were accepted, in memory that is taken once: base's `ReplayWindow`, which can be written into
 * records, makes new ones for each frame. spec M12
 *
 * @module
 */

/** Look with {@link ReplayBitmap.isFresh} before opening, and {@link ReplayBitmap.accept} only afterwards. */
export class ReplayBitmap {
  readonly #words = new Uint32Array(REPLAY_WINDOW_SIZE / WORD_BITS)
  #highest = -1

  /** Whether this counter could be accepted now. Changes nothing. */
  isFresh(counter: number): boolean {
    const behind = this.#highest - counter
    if (behind < 0) return true
    return behind < REPLAY_WINDOW_SIZE && !this.#has(counter)
  }

  /** Whether the window reaches back to this counter, so that one that is not fresh was accepted a moment ago. */
  covers(counter: number): boolean {
    return this.#highest - counter < REPLAY_WINDOW_SIZE
  }

  /** Accepts the counter of a frame that authenticated; returns `false` and changes nothing when it is no longer fresh. */
  accept(counter: number): boolean {
    if (!this.isFresh(counter)) return false
    if (counter > this.#highest) this.#advance(counter)
    const word = wordOf(counter)
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (counter % WORD_BITS))
    return true
  }

  /** The places of the counters in between held older ones. */
  #advance(counter: number): void {
    if (counter - this.#highest >= REPLAY_WINDOW_SIZE) this.#words.fill(0)
    else {
      for (let at = this.#highest + 1; at < counter; at += 1) this.#clear(at)
      this.#clear(counter)
    }
    this.#highest = counter
  }

  #has(counter: number): boolean {
    return (((this.#words[wordOf(counter)] ?? 0) >>> (counter % WORD_BITS)) & 1) === 1
  }

  #clear(counter: number): void {
    const word = wordOf(counter)
    this.#words[word] = (this.#words[word] ?? 0) & ~(1 << (counter % WORD_BITS))
  }
}

const wordOf = (counter: number): number => Math.floor((counter % REPLAY_WINDOW_SIZE) / WORD_BITS)

/** How far behind the newest counter a frame may arrive: 5 s of a ten-person mesh. */
export const REPLAY_WINDOW_SIZE = 4096
const WORD_BITS = 32
