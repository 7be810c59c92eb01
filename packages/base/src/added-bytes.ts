/**
 * Decides whether a change is added at the end of a record, or the record is written whole again: that is due once what was added
 * is as long as the rest. So a change costs about twice its own length, over time, and a record is at most about twice as long as
 * its state.
 */
export class AddedBytes {
  #whole = 0
  #added = 0

  get [Symbol.toStringTag](): string {
    return 'AddedBytes'
  }

  /** Counts a change that is added; `false`, and counts nothing, when the record is due to be written whole instead. */
  take(length: number): boolean {
    if (this.#added + length > Math.max(this.#whole, MIN_ADDED_BYTES)) return false
    this.#added += length
    return true
  }

  /** The record is `total` bytes long now, and would be `whole` if it were written whole. */
  reset(whole: number, total: number = whole): void {
    this.#whole = whole
    this.#added = total - whole
  }
}

/** A short record would be written whole too often. */
const MIN_ADDED_BYTES = 4096
