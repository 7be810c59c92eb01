/**
 * Where the keys of one sender begin in its stream to the room: the epoch never falls with rising sequence. spec R55
 *
 * @module
 */

/** The epochs of one sender by the sequence at which they begin, as it announced or as its messages showed. */
export class SenderKeyOrder {
  /** By rising sequence and epoch. */
  #starts: KeyStart[] = []

  /** Whether a message may have this place and epoch: no key comes back after a later one began. */
  permits(sequence: number, epoch: bigint): boolean {
    return this.#starts.every((start) =>
      start.from <= sequence ? epoch >= start.epoch : epoch <= start.epoch,
    )
  }

  /** The epoch below which nothing from `sequence` on can be sealed. */
  epochAt(sequence: number): bigint {
    return this.#starts.findLast(({ from }) => from <= sequence)?.epoch ?? 0n
  }

  /** The newest epoch that is known. */
  get newest(): bigint | undefined {
    return this.#starts.at(-1)?.epoch
  }

  /** Takes a place where an epoch begins, or that shows that it began; `false`, and nothing, if it contradicts another one. */
  add(from: number, epoch: bigint): boolean {
    if (!this.permits(from, epoch)) return false
    if (this.epochAt(from) === epoch && this.#starts.length > 0) return true
    const others = this.#starts.filter((start) => start.epoch !== epoch && start.from !== from)
    this.#starts = [...others, { from, epoch }].toSorted((left, right) => left.from - right.from)
    if (this.#starts.length > MAX_STARTS) this.#starts.shift()
    return true
  }

  /** Forgets what ended before `expected`, the first message that has not come. */
  passed(expected: number): void {
    while ((this.#starts[1]?.from ?? Number.POSITIVE_INFINITY) <= expected) this.#starts.shift()
  }
}

interface KeyStart {
  readonly from: number
  readonly epoch: bigint
}

/** A sender changes its key once a second, and repeats what was missed within seconds: honest ones stay below. */
const MAX_STARTS = 128
