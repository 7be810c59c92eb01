/**
 * How long to wait before the next attempt to reach the hub. spec R3
 *
 * @module
 */
import { backoffMs } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'

/**
 * The delay before an attempt, in milliseconds: none for the first after a lost connection, then full jitter.
 *
 * @param attempt 0 for the first attempt after a lost connection
 * @param random from 0 inclusive to 1 exclusive
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  return attempt === 0 ? 0 : backoffMs(attempt, { firstMs: FIRST_MS, maxMs: MAX_MS, random })
}

/** A number from 0 inclusive to 1 exclusive, from the cryptographic generator. */
export function randomFraction(): number {
  return new DataView(randomBytes(4).buffer).getUint32(0) / 2 ** 32
}

const FIRST_MS = 250
const MAX_MS = 5000
