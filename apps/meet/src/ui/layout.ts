/**
 * The layout constants that scripts need; the style sheets say the same with `width >= 60rem`.
 *
 * @module
 */

/** Whether the chat stands beside the call; otherwise it lies over it. */
export function isWide(): boolean {
  return matchMedia('(width >= 60rem)').matches
}
