/**
 * Whether the page is seen, as a signal.
 *
 * @module
 */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** Follows the page into the background, and back. */
export function usePageVisible(): ReadonlySignal<boolean> {
  const isVisible = useSignal(document.visibilityState === 'visible')
  useEffect(() => {
    const look = (): void => {
      isVisible.value = document.visibilityState === 'visible'
    }
    document.addEventListener('visibilitychange', look)
    look()
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return isVisible
}
