/**
 * Remembers which sequences of one stream were accepted. Look with {@link ReplayWindow.isFresh} before
 * authenticating, and {@link ReplayWindow.accept} only afterwards: a forger must not move it. spec P9, M12
 */
export class ReplayWindow {
  /** How far behind the highest accepted sequence a late one may be, less one. */
  readonly size: number
  /** One bit for each of the last `size` sequences; sequence `s` has bit `s % size`. */
  readonly #seen: Uint32Array
  #highest = -1
  #floor = 0

  get [Symbol.toStringTag](): string {
    return 'ReplayWindow'
  }

  /** @param size a multiple of 32 */
  constructor(size: number) {
    this.size = size
    this.#seen = new Uint32Array(size / 32)
  }

  /** Whether this sequence could be accepted now. Changes nothing. */
  isFresh(sequence: number): boolean {
    if (sequence > this.#highest) return sequence >= this.#floor
    if (sequence < this.#floor || this.#highest - sequence >= this.size) return false
    return (this.#word(sequence) & bitOf(sequence)) === 0
  }

  /** Accepts a sequence whose message authenticated; `false`, and no change, when it is not fresh any more. */
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

  /** Takes an acceptance back: the message could not be kept, and may come again. */
  withdraw(sequence: number): void {
    if (this.isFresh(sequence) || this.#highest - sequence >= this.size) return
    this.#seen[this.#indexOf(sequence)] = this.#word(sequence) & ~bitOf(sequence)
  }

  /** Accepts all that another window of this size did, and takes the higher floor of both. */
  merge(other: ReplayWindow): void {
    const oldest = Math.max(0, other.#highest - this.size + 1)
    for (let sequence = oldest; sequence <= other.#highest; sequence += 1) {
      if ((other.#word(sequence) & bitOf(sequence)) !== 0) this.accept(sequence)
    }
    this.raiseFloor(other.#floor)
  }

  /** Writes {@link savedWindowBytes} bytes, from which {@link ReplayWindow.restore} makes the window again. spec P41 */
  save(view: DataView, at: number): void {
    // Sequences end at 2^53 - 1, so one more still is an exact number.
    view.setBigUint64(at, BigInt(this.#highest + 1))
    view.setBigUint64(at + 8, BigInt(this.#floor))
    for (const [index, word] of this.#seen.entries()) view.setUint32(at + 16 + index * 4, word)
  }

  /** The window of this size that was saved there; `undefined`, not throws, when none was. */
  static restore(view: DataView, at: number, size: number): ReplayWindow | undefined {
    if (at + savedWindowBytes(size) > view.byteLength) return undefined
    const [next, floor] = [view.getBigUint64(at), view.getBigUint64(at + 8)]
    if (next > MAX_BOUND || floor > MAX_BOUND) return undefined
    const window = new ReplayWindow(size)
    window.#highest = Number(next) - 1
    window.#floor = Number(floor)
    for (const index of window.#seen.keys()) {
      window.#seen[index] = view.getUint32(at + 16 + index * 4)
    }
    return window
  }

  /** Makes the places of all sequences up to the new highest one empty. */
  #advance(sequence: number): void {
    if (sequence - this.#highest >= this.size) this.#seen.fill(0)
    else {
      for (let skipped = this.#highest + 1; skipped <= sequence; skipped += 1) {
        this.#seen[this.#indexOf(skipped)] = this.#word(skipped) & ~bitOf(skipped)
      }
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

/** Length of a saved window in bytes. spec P41 */
export function savedWindowBytes(size: number): number {
  return 16 + size / 8
}

const bitOf = (sequence: number): number => 1 << (sequence % 32)
const MAX_BOUND = 2n ** 53n
