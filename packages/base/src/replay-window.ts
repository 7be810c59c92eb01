/** All that a {@link ReplayWindow} remembers. */
export interface ReplayWindowState {
  /** The highest accepted sequence; -1 for none. */
  readonly highest: number
  /** Nothing below it is accepted. */
  readonly floor: number
  /** One bit for each of the last `size` sequences; sequence `s` has bit `s % size`. */
  readonly seen: Uint32Array
}

/**
 * Remembers which sequences of one stream were accepted. Look with {@link ReplayWindow.isFresh} before
 * authenticating, and {@link ReplayWindow.accept} only afterwards: a forger must not move it. spec P9, M12
 */
export class ReplayWindow {
  /** How far behind the highest accepted sequence a late one may be, less one. */
  readonly size: number
  /** One bit for each of the last `size` sequences; sequence `s` has bit `s % size`. */
  readonly #seen: Uint32Array
  #highest: number
  #floor: number

  get [Symbol.toStringTag](): string {
    return 'ReplayWindow'
  }

  /**
   * @param size a multiple of 32
   * @param options of a window of this size; copied. Left out: no sequence was accepted
   */
  constructor(size: number, { highest = -1, floor = 0, seen }: Partial<ReplayWindowState> = {}) {
    this.size = size
    this.#seen = seen?.slice() ?? new Uint32Array(size / 32)
    this.#highest = highest
    this.#floor = floor
  }

  /** Whether this sequence could be accepted now. Changes nothing. */
  isFresh(sequence: number): boolean {
    if (sequence < this.#floor || this.#highest - sequence >= this.size) return false
    return sequence > this.#highest || (this.#word(sequence) & bitOf(sequence)) === 0
  }

  /** Accepts a sequence whose message authenticated; returns `false` and changes nothing when it is no longer fresh. */
  accept(sequence: number): boolean {
    if (!this.isFresh(sequence)) return false
    if (sequence > this.#highest) this.#advance(sequence)
    this.#seen[this.#indexOf(sequence)] = this.#word(sequence) | bitOf(sequence)
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

  /** Revokes an acceptance: the message could not be kept and may be repeated. */
  withdraw(sequence: number): void {
    if (this.isFresh(sequence) || this.#highest - sequence >= this.size) return
    this.#seen[this.#indexOf(sequence)] = this.#word(sequence) & ~bitOf(sequence)
  }

  /** A copy of the state of the window, for a record. */
  get state(): ReplayWindowState {
    return { highest: this.#highest, floor: this.#floor, seen: this.#seen.slice() }
  }

  /** Makes the places of all sequences up to the new highest one empty. */
  #advance(sequence: number): void {
    for (let skipped = sequence; skipped > this.#highest; skipped -= 1) {
      this.#seen[this.#indexOf(skipped)] = this.#word(skipped) & ~bitOf(skipped)
      if (sequence - skipped >= this.size) break
    }
    this.#highest = sequence
  }

  #word(sequence: number): number {
    return this.#seen[this.#indexOf(sequence)] ?? 0
  }

  /** Sequences exceed 32 bits: divide before anything turns them into an int32. */
  #indexOf(sequence: number): number {
    return Math.floor(sequence / 32) % this.#seen.length
  }
}

const bitOf = (sequence: number): number => 1 << (sequence % 32)
