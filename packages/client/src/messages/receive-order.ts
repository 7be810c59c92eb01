/**
 * Puts the messages of one stream back in order. spec R8
 *
 * @module
 */
import { BOUNDS } from '../bounds.ts'
import type { MissedRange } from './bodies.ts'

/** The result of a message or a skip. */
export interface Ordered<T> {
  /** The messages that can be delivered now, in order. */
  readonly ready: readonly T[]
  /** How many messages were given up for it. */
  readonly lost: number
  /** How many messages were passed that are not given to this receiver. spec R53 */
  readonly missed: number
  /** The ranges of them that were passed to their ends. */
  readonly passed: readonly MissedRange[]
}

/** One stream's position. Replays do not reach it: the sealer has dropped them. */
export class ReceiveOrder<T> {
  #expected: number
  #known: number
  readonly #held = new Map<number, T>()
  /** Ranges that are not given to this receiver, by rising position. */
  #missed: readonly MissedRange[] = []

  /** @param expected the sequence of the first message to deliver */
  constructor(expected: number) {
    this.#expected = expected
    this.#known = expected
  }

  /** The lowest sequence that has not come yet. */
  get expected(): number {
    return this.#expected
  }

  /** Whether a message is known to exist that has not come. */
  get hasGap(): boolean {
    return this.#expected < this.#known
  }

  /** The sender has said that all messages below `next` exist: a missing last message is a gap too. spec R9 */
  expectUntil(next: number): void {
    this.#known = Math.max(this.#known, next)
  }

  /** Takes a message. When too many wait, the gap before them is given up. */
  accept(sequence: number, message: T): Ordered<T> {
    if (sequence < this.#expected || this.#isMissed(sequence)) return NOTHING
    this.expectUntil(sequence + 1)
    this.#held.set(sequence, message)
    if (this.#held.size > BOUNDS.heldMessages) return this.skipTo(Math.min(...this.#held.keys()))
    return { ...this.#release(), lost: 0 }
  }

  /** Passes these ranges when their turn comes: nothing in them is for this receiver. spec R53 */
  miss(ranges: readonly MissedRange[]): Ordered<T> {
    if (ranges.length === 0) return NOTHING
    this.#missed = ranges
      .filter(([, to]) => to > this.#expected)
      .toSorted(([left], [right]) => left - right)
    for (const [, to] of this.#missed) {
      this.expectUntil(to)
    }
    for (const at of this.#held.keys()) if (this.#isMissed(at)) this.#held.delete(at)
    return { ...this.#release(), lost: 0 }
  }

  /** Gives up all missing messages before `sequence`. */
  skipTo(sequence: number): Ordered<T> {
    if (sequence <= this.#expected) return NOTHING
    const ready: T[] = []
    for (const [at, message] of [...this.#held].toSorted(([left], [right]) => left - right)) {
      if (at >= sequence) break
      this.#held.delete(at)
      ready.push(message)
    }
    const missed = this.#missed
      .map(([from, to]) => Math.min(to, sequence) - Math.max(from, this.#expected))
      .reduce((sum, part) => sum + Math.max(0, part), 0)
    // Ranges of a hostile sender may overlap.
    const lost = Math.max(0, sequence - this.#expected - ready.length - missed)
    const passed = this.#missed.filter(([, to]) => this.#expected < to && to <= sequence)
    this.#expected = sequence
    this.expectUntil(sequence)
    const released = this.#release()
    return {
      ready: [...ready, ...released.ready],
      lost,
      missed: missed + released.missed,
      passed: [...passed, ...released.passed],
    }
  }

  #isMissed(sequence: number): boolean {
    return this.#missed.some(([from, to]) => from <= sequence && sequence < to)
  }

  #release(): Omit<Ordered<T>, 'lost'> {
    const ready: T[] = []
    const passed: MissedRange[] = []
    let missed = 0
    for (;;) {
      const range = this.#missed.find(([from, to]) => from <= this.#expected && this.#expected < to)
      if (range !== undefined) {
        missed += range[1] - this.#expected
        passed.push(range)
        this.#expected = range[1]
      } else if (this.#held.has(this.#expected)) {
        ready.push(this.#held.get(this.#expected) as T)
        this.#held.delete(this.#expected)
        this.#expected += 1
      } else return { ready, missed, passed }
    }
  }
}

const NOTHING = { ready: [], lost: 0, missed: 0, passed: [] } as const
