/**
 * Puts an element at a place of the stage.
 *
 * @module
 */
import type { Box } from '../state/stage-layout.ts'

/** The style of a box, from the inline start so that it mirrors in right-to-left pages. */
export function placeOf(box: Box): Readonly<Record<string, string>> {
  return {
    insetInlineStart: `${box.start}px`,
    insetBlockStart: `${box.top}px`,
    inlineSize: `${box.width}px`,
    blockSize: `${box.height}px`,
  }
}
