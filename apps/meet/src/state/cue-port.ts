/**
 * Short sounds that tell what happens in a call to somebody who looks elsewhere.
 *
 * @module
 */

/** The happenings with a sound. */
export type Cue = 'joined' | 'left' | 'message' | 'lost' | 'regained'

/** Plays cues where the browser and the person allow it, and otherwise does nothing. */
export interface CuePort {
  play(cue: Cue): void
  /** Whether the person sees the page now. */
  isPageSeen(): boolean
}
