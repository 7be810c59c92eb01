/**
 * Decides from levels who is speaking: quick to begin, slow to end, so that a ring does not flicker.
 *
 * @module
 */

/** A gate for one voice: takes levels from 0 to 1 with their time, says whether the voice speaks. */
export interface SpeakingGate {
  hear(level: number, nowMs: number): boolean
}

/** Makes a gate that is closed. */
export function createSpeakingGate(): SpeakingGate {
  let openUntil = Number.NEGATIVE_INFINITY
  return {
    hear(level, nowMs) {
      const open = nowMs < openUntil
      if (level >= (open ? STAYS_ABOVE : BEGINS_ABOVE)) openUntil = nowMs + HOLD_MS
      return nowMs < openUntil
    },
  }
}

const BEGINS_ABOVE = 0.15
const STAYS_ABOVE = 0.11
const HOLD_MS = 500
