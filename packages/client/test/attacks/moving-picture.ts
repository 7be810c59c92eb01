/** Pictures for tests in pages. */
import { NumberedPicture } from '@conclave/testing'
import { onTestFinished } from 'vitest'

/** A moving picture, until the test ends. */
export function movingPicture(width: number, height: number): MediaStreamTrack {
  const picture = new NumberedPicture({ width, height })
  onTestFinished(() => picture.stop())
  return picture.track
}
