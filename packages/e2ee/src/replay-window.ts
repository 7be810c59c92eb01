/** How far behind the highest accepted sequence a late one may be. spec P8 */
export const REPLAY_WINDOW = 1024

/**
 * Remembers which sequences of one stream were accepted. Look with {@link ReplayWindow.isFresh} before
 * authenticating, and {@link ReplayWindow.accept} only afterwards: a forger must not move it. spec P9
 */
export class ReplayWindow {
  readonly #seen = new Uint32Array(REPLAY_WINDOW / 32)
  #highest = -1
  #floor = 0

  /** Whether this sequence could be accepted now. Changes nothing. */
  isFresh(sequence: number): boolean {
    if (sequence > this.#highest) return sequence >= this.#floor
    if (sequence < this.#floor || this.#highest - sequence >= REPLAY_WINDOW) return false
    return (this.#word(sequence) & bitOf(sequence)) === 0
  }

  /** Accepts a sequence whose message authenticated; `false`, and no change, when it is not fresh any more. */
  accept(sequence: number): boolean {
    if (!this.isFresh(sequence)) return false
    if (sequence > this.#highest) this.#advance(sequence)
    this.#seen[indexOf(sequence)] = this.#word(sequence) | bitOf(sequence)
    return true
  }

  /** Accepts nothing below `sequence` from now on. Never lowers the floor. spec P10 */
  raiseFloor(sequence: number): void {
    this.#floor = Math.max(this.#floor, sequence)
  }

  /** Makes the places of all sequences up to the new highest one empty. */
  #advance(sequence: number): void {
    if (sequence - this.#highest >= REPLAY_WINDOW) this.#seen.fill(0)
    else {
      for (let skipped = this.#highest + 1; skipped <= sequence; skipped += 1) {
        this.#seen[indexOf(skipped)] = this.#word(skipped) & ~bitOf(skipped)
      }
    }
    this.#highest = sequence
  }

  #word(sequence: number): number {
    return this.#seen[indexOf(sequence)] ?? 0
  }
}

/** Sequences go beyond 32 bits: divide before anything turns them into an int32. */
const indexOf = (sequence: number): number => Math.floor(sequence / 32) % (REPLAY_WINDOW / 32)
const bitOf = (sequence: number): number => 1 << (sequence % 32)
