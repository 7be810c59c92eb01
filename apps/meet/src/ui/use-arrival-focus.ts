/**
 * Where the keyboard is after a page has changed.
 *
 * @module
 */
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/**
 * Puts the focus on the first element of a new page, so that keys and screen readers continue from there. The element
 * needs `tabIndex={-1}`.
 */
export function useArrivalFocus<E extends HTMLElement>(): RefObject<E | null> {
  const ref = useRef<E>(null)
  useEffect(() => {
    const { activeElement } = document
    if (activeElement === null || activeElement === document.body) {
      ref.current?.focus({ preventScroll: true })
    }
  }, [])
  return ref
}
