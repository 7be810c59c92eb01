/**
 * Whether somebody sees the pictures of the page, as a signal.
 *
 * @module
 */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sight } from '../state/attention.ts'

/** Follows the page into the background, and back; a picture that floats above other windows is seen there too. */
export function usePageSight(): ReadonlySignal<Sight> {
  const sight = useSignal(sightNow())
  useEffect(() => {
    const look = (): void => {
      sight.value = sightNow()
    }
    for (const type of CHANGES) document.addEventListener(type, look)
    look()
    return () => {
      for (const type of CHANGES) document.removeEventListener(type, look)
    }
  }, [])
  return sight
}

function sightNow(): Sight {
  if (document.visibilityState === 'visible') return 'seen'
  // Firefox lets people take a picture out of a page, and does not tell the page.
  if (!('pictureInPictureElement' in document)) return 'unknown'
  return document.pictureInPictureElement === null ? 'hidden' : 'seen'
}

const CHANGES = ['visibilitychange', 'enterpictureinpicture', 'leavepictureinpicture'] as const
