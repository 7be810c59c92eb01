/** All that a {@link ReplayWindow} remembers. */
export interface ReplayWindowState {
  /** The highest accepted sequence; -1 for none. */
  highest: number
  /** Nothing below it is accepted. */
  floor: number
  /** One bit for each of the last `size` sequences: bit `size - 1` for the highest, the bit below for the one before. */
  seen: bigint
}

/**
 * Remembers which sequences of one stream were accepted. Look with {@link ReplayWindow.isFresh} before
 * authenticating, and {@link ReplayWindow.accept} only afterwards: a forger must not move it. spec P9, M12
 */
export class ReplayWindow {
  /** How far behind the highest accepted sequence a late one may be, less one. */
  readonly size: number
  /** For records; to take back and to merge: the window follows what is changed in it. */
  readonly state: ReplayWindowState

  get [Symbol.toStringTag](): string {
    return 'ReplayWindow'
  }

  /** @param state of a window of this size; copied. Left out: no sequence was accepted */
  constructor(
    size: number,
    { highest = -1, floor = 0, seen = 0n }: Partial<ReplayWindowState> = {},
  ) {
    this.size = size
    this.state = { highest, floor, seen }
  }

  /** Whether this sequence could be accepted now. Changes nothing. */
  isFresh(sequence: number): boolean {
    const { highest, floor, seen } = this.state
    const behind = highest - sequence
    if (sequence < floor || behind >= this.size) return false
    return behind < 0 || ((seen >> BigInt(this.size - 1 - behind)) & 1n) === 0n
  }

  /** Accepts a sequence whose message authenticated; returns `false` and changes nothing when it is no longer fresh. */
  accept(sequence: number): boolean {
    if (!this.isFresh(sequence)) return false
    const { state } = this
    const ahead = sequence - state.highest
    if (ahead > 0) {
      state.seen >>= BigInt(ahead)
      state.highest = sequence
    }
    state.seen |= 1n << BigInt(this.size - 1 + Math.min(ahead, 0))
    return true
  }

  /** Accepts nothing below `sequence` from now on. Never lowers the floor. spec P10 */
  raiseFloor(sequence: number): void {
    this.state.floor = Math.max(this.state.floor, sequence)
  }
}
