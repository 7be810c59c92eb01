/**
 * Decides how much less a machine is asked to encode, from the time that its codecs take. Pure: no clock, no connections.
 *
 * @module
 */

/** The codecs of a mesh between two looks. */
export interface LoadSample {
  /** The share of all cores that encoding and decoding took, by the time on the clock. */
  readonly busy: number
  /** Half of the encoders or more are limited by the processor, as the platform says. */
  readonly isStarved: boolean
  /** How many times as much one level more takes. */
  readonly growth: number
}

/** How much less is encoded. */
export interface LoadState {
  /** 0 for nothing less, to {@link MAX_LOAD_LEVEL}. */
  readonly level: number
  /** Looks in a row in which there was space for more; below 0 as long as more is on trial. */
  readonly calm: number
  /** Looks in a row that it takes until more is tried. */
  readonly patience: number
}

/** The state in the beginning. */
export const INITIAL_LOAD: LoadState = { level: 0, calm: 0, patience: 4 }

/** The level at which a machine encodes least. */
export const MAX_LOAD_LEVEL = 3

/** One look: less at once, more after a while, and after a longer one each time that more was too much. spec S122 */
export function stepLoad(state: LoadState, { busy, isStarved, growth }: LoadSample): LoadState {
  const { level, calm, patience } = state
  if (busy > TOO_MUCH || isStarved) {
    const next = calm < 0 ? Math.min(2 * patience, MAX_PATIENCE) : patience
    return { level: Math.min(level + 1, MAX_LOAD_LEVEL), calm: 0, patience: next }
  }
  const hasSpace = level > 0 && busy * growth < ENOUGH
  if (calm < 0 || hasSpace) {
    if (calm + 1 < patience) return { ...state, calm: calm + 1 }
    return { level: level - 1, calm: -TRIAL, patience }
  }
  return { ...state, calm: 0 }
}

/** The share of the cores that is too much for codecs: the rest of a call needs as much. */
const TOO_MUCH = 0.35
/** The share that more may come to, as far as it can be told before. */
const ENOUGH = 0.25
/** Looks after which more has proved itself. */
const TRIAL = 5
const MAX_PATIENCE = 64
