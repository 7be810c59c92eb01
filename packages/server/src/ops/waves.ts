import { randomBytes } from '@conclave/crypto/verify'

/** In how many waves connections are sent away over a time: as many as are worth it. spec H53 */
export function countWaves(connections: number, overMs: number): number {
  if (overMs <= 0) return 1
  return Math.min(MAX_WAVES, Math.max(1, Math.floor(connections / MIN_IN_A_WAVE)))
}

/** Divides items at random, so that the members of one room do not all go with the first wave or the last. */
export function drawWaves<T>(items: Iterable<T>, count: number): readonly (readonly T[])[] {
  const waves = Array.from({ length: count }, (): T[] => [])
  let drawn = new Uint8Array()
  let at = 0
  for (const item of items) {
    if (at === drawn.length) [drawn, at] = [randomBytes(1024), 0]
    waves[(drawn[at] ?? 0) % count]?.push(item)
    at += 1
  }
  return waves
}

/** How long a client that is sent away waits before it comes again: a random time within that of its wave. spec G33 */
export function drawDelay(waveMs: number): number {
  const [low = 0, high = 0] = randomBytes(2)
  return Math.floor((Math.max(waveMs, LEAST_WAVE_MS) * (low + 256 * high)) / 65_536)
}

const LEAST_WAVE_MS = 1000
const MAX_WAVES = 20
/** Fewer are no crowd. */
const MIN_IN_A_WAVE = 50
