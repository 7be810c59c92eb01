/**
 * Moves a tile to a new place by a transform: the page is laid out once, and the browser moves only a picture of it.
 *
 * @module
 */
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Box } from '../state/stage-layout.ts'

/** Lets an element glide whenever its box changes, unless the person prefers less motion. */
export function useGlide(element: RefObject<HTMLElement | null>, box: Box): void {
  const before = useRef(box)
  const { start, top, width, height } = box
  useLayoutEffect(() => {
    const from = before.current
    before.current = box
    if (element.current === null || from.width === 0 || width === 0) return
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const { direction } = getComputedStyle(element.current)
    const left = direction === 'rtl' ? start + width - from.start - from.width : from.start - start
    const move = `translate(${left}px, ${from.top - top}px)`
    const scale = `scale(${from.width / width}, ${from.height / height})`
    element.current.animate(
      { transform: [`${move} ${scale}`, 'none'], transformOrigin: ['0 0', '0 0'] },
      { duration: GLIDE_MS, easing: 'ease' },
    )
  }, [start, top, width, height])
}

const GLIDE_MS = 220
