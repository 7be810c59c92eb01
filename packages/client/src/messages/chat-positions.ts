/**
 * The messages of the chat among all that a session says to the room. spec R53
 *
 * @module
 */
import type { MissedRange, Range } from './bodies.ts'

/** Positions in the stream to the room, rising; the newest ones. */
export class ChatPositions {
  readonly #positions: number[] = []

  /** A message of the chat was said at this position. */
  add(position: number): void {
    this.#positions.push(position)
    if (this.#positions.length > 2 * MAX_POSITIONS) this.#positions.splice(0, MAX_POSITIONS)
  }

  /** Ranges, each with how many messages of the chat are in it. */
  countIn(ranges: readonly Range[]): readonly MissedRange[] {
    return ranges.map(([from, to]) => {
      const chat = this.#positions.filter((position) => from <= position && position < to)
      return [from, to, chat.length]
    })
  }
}

const MAX_POSITIONS = 4096
