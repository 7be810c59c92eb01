/**
 * The layout constants that scripts need; the style sheets say the same with `width >= 48rem`.
 *
 * @module
 */
import { type ReadonlySignal, signal } from '@preact/signals'

/** Whether the chat stands beside the call; otherwise it lies over it. */
export function isWide(): boolean {
  return matchMedia(WIDE).matches
}

/** The answer of `isWide`, followed while the page is there: windows change, zoom does, tablets turn. */
export function followWidth(): ReadonlySignal<boolean> {
  const query = matchMedia(WIDE)
  const fits = signal(query.matches)
  query.addEventListener('change', () => {
    fits.value = query.matches
  })
  return fits
}

const WIDE = '(width >= 48rem)'
