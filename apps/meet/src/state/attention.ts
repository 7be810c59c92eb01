/**
 * How much of a picture is looked at.
 *
 * @module
 */
import type { Wish } from '@conclave/client'
import type { Box } from './stage-layout.ts'

/** The page that pictures are in. */
export interface PageView {
  readonly isVisible: boolean
  /** Pixels of the screen for each CSS pixel. */
  readonly density: number
}

/** Nothing in a page that is hidden, or without a place on the stage; a small picture in a small box. */
export function wishFor(box: Box | undefined, { isVisible, density }: PageView): Wish {
  if (!isVisible || box === undefined || box.width === 0 || box.height === 0) return 'paused'
  return box.height * density <= LOW_LINES ? 'low' : 'full'
}

/** The lines of a picture that is wanted low. */
const LOW_LINES = 180
