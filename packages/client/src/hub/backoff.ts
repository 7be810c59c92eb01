/**
 * How long to wait before the next attempt to reach the hub spec R3.
 *
 * @module
 */

/**
 * The delay before attempt number `attempt` (0 for the first after a lost connection), in milliseconds: full jitter
 * under a bound that doubles from 250 ms to 5 s.
 *
 * @param random a number from 0 inclusive to 1 exclusive
 */
export function backoffMs(attempt: number, random: number): number {
  if (attempt === 0) return 0
  return Math.round(random * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 16)))
}

/** A random number from 0 inclusive to 1 exclusive, from the cryptographic generator. */
export function randomFraction(): number {
  const word = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
  return word / 2 ** 32
}

const baseMs = 250
const maxMs = 5000
