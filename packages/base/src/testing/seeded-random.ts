/**
 * Chance that a test can repeat.
 *
 * @module
 */

/**
 * Creates a generator of numbers from 0 inclusive to 1 exclusive, the same ones for the same seed. You must not use it
 * for anything secret.
 *
 * @param seed an integer; other bits than the lowest 32 are ignored
 */
export function createRandom(seed: number): () => number {
  // mulberry32, with the seed spread so that neighbours do not resemble each other.
  let state = Math.imul(seed, 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
