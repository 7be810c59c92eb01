/**
 * How much of a picture is looked at.
 *
 * @module
 */
import type { Wish } from '@conclave/client'
import type { Box } from './stage-layout.ts'

/** Whether somebody sees the pictures of the page: where the page cannot tell, `unknown`. */
export type Sight = 'seen' | 'unknown' | 'hidden'

/** The page that pictures are in. */
export interface PageView {
  readonly sight: Sight
  /** Pixels of the screen for each CSS pixel. */
  readonly density: number
}

/** Nothing in a page that is hidden, or without a place on the stage; a small picture in a small box, and where it may not be seen. */
export function wishFor(box: Box | undefined, { sight, density }: PageView): Wish {
  if (sight === 'hidden' || box === undefined || box.width === 0 || box.height === 0)
    return 'paused'
  return sight === 'unknown' || box.height * density <= LOW_LINES ? 'low' : 'full'
}

/** The lines of a picture that is wanted low. */
const LOW_LINES = 180
