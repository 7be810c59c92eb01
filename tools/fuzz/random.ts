/**
 * Chance that can be had again: everything a fuzz run does follows from one number.
 *
 * @module
 */

/** A stream of numbers from a seed, by sfc32 (Chris Doty-Humphrey's PractRand). Not for secrets. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** The same stream for the same numbers; others for others. */
  constructor(...seed: readonly number[]) {
    let [a, b, c] = [0x9e3779b9, 0x243f6a88, 0xb7e15162]
    for (const number of seed) {
      a = Math.imul(a ^ number, 0x85ebca6b)
      b = Math.imul(b ^ (a >>> 15) ^ Math.floor(number / 2 ** 32), 0xc2b2ae35)
      c = (c + (b ^ (b >>> 13)) + number) | 0
    }
    this.#a = a
    this.#b = b
    this.#c = c
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.uint32()
  }

  /** The next 32 bits. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** An integer from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * bound)
  }

  /** Whether the one case in so many came. */
  oneIn(cases: number): boolean {
    return this.below(cases) === 0
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined && !items.includes(item as T)) throw new Error('nothing to pick from')
    return item as T
  }

  /** A short length more often than a long one, up to `max`. */
  length(max: number): number {
    return this.below(1 + this.below(1 + max))
  }

  /** Bytes of any value. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 1) bytes[at] = this.uint32()
    return bytes
  }
}

/** A number for a name, so that each target has its own stream. FNV-1a */
export function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}

/** Until the state of neighbouring seeds has nothing in common. */
const WARM_UP_ROUNDS = 12
