/** How far behind the highest accepted sequence a late one may be. spec P8 */
export const REPLAY_WINDOW = 1024

/** Length of a saved window in bytes. spec P41 */
export const REPLAY_WINDOW_BYTES: number = 16 + REPLAY_WINDOW / 8

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

  /** The highest accepted sequence; -1 before the first. */
  get highest(): number {
    return this.#highest
  }

  /** Takes an acceptance back: what was accepted could not be kept, and may come again. */
  withdraw(sequence: number): void {
    if (this.isFresh(sequence) || this.#highest - sequence >= REPLAY_WINDOW) return
    this.#seen[indexOf(sequence)] = this.#word(sequence) & ~bitOf(sequence)
  }

  /** Accepts whatever the other window did, and has the higher floor of both. */
  merge(other: ReplayWindow): void {
    const oldest = Math.max(0, other.#highest - REPLAY_WINDOW + 1)
    for (let sequence = oldest; sequence <= other.#highest; sequence += 1) {
      if ((other.#word(sequence) & bitOf(sequence)) !== 0) this.accept(sequence)
    }
    this.raiseFloor(other.#floor)
  }

  /** Writes all that {@link ReplayWindow.restore} needs, {@link REPLAY_WINDOW_BYTES} long. spec P41 */
  save(view: DataView, at: number): void {
    // Sequences end at 2^53 - 1, so one more still is an exact number.
    view.setBigUint64(at, BigInt(this.#highest + 1))
    view.setBigUint64(at + 8, BigInt(this.#floor))
    for (const [index, word] of this.#seen.entries()) view.setUint32(at + 16 + index * 4, word)
  }

  /** The window that was saved there; `undefined`, not throws, when none was. */
  static restore(view: DataView, at: number): ReplayWindow | undefined {
    const [next, floor] = [view.getBigUint64(at), view.getBigUint64(at + 8)]
    if (next > MAX_BOUND || floor > MAX_BOUND) return undefined
    const window = new ReplayWindow()
    window.#highest = Number(next) - 1
    window.#floor = Number(floor)
    for (const index of window.#seen.keys()) {
      window.#seen[index] = view.getUint32(at + 16 + index * 4)
    }
    return window
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
const MAX_BOUND = 2n ** 53n
