/**
 * Puts the messages of one stream back in order. spec R8
 *
 * @module
 */
import { BOUNDS } from '../bounds.ts'

/** The result of a message or a skip. */
export interface Ordered<T> {
  /** The messages that can be delivered now, in order. */
  readonly ready: readonly T[]
  /** How many messages were given up for it. */
  readonly lost: number
}

/** One stream's position. Replays do not reach it: the sealer has dropped them. */
export class ReceiveOrder<T> {
  #expected: number
  #known: number
  readonly #held = new Map<number, T>()

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
    if (sequence < this.#expected) return { ready: [], lost: 0 }
    this.expectUntil(sequence + 1)
    this.#held.set(sequence, message)
    if (this.#held.size > BOUNDS.heldMessages) return this.skipTo(Math.min(...this.#held.keys()))
    return { ready: this.#release(), lost: 0 }
  }

  /** Gives up all missing messages before `sequence`. */
  skipTo(sequence: number): Ordered<T> {
    if (sequence <= this.#expected) return { ready: [], lost: 0 }
    const ready: T[] = []
    for (const [at, message] of [...this.#held].toSorted(([left], [right]) => left - right)) {
      if (at >= sequence) break
      this.#held.delete(at)
      ready.push(message)
    }
    const lost = sequence - this.#expected - ready.length
    this.#expected = sequence
    this.expectUntil(sequence)
    return { ready: [...ready, ...this.#release()], lost }
  }

  #release(): T[] {
    const ready: T[] = []
    while (this.#held.has(this.#expected)) {
      ready.push(this.#held.get(this.#expected) as T)
      this.#held.delete(this.#expected)
      this.#expected += 1
    }
    return ready
  }
}
