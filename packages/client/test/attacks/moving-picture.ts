/** Pictures for tests in pages. */
import { NumberedPicture } from '@conclave/testing'
import { onTestFinished } from 'vitest'

/** A moving picture, until the test ends. */
export function movingPicture(width: number, height: number): MediaStreamTrack {
  const picture = new NumberedPicture({ width, height })
  onTestFinished(() => picture.stop())
  return picture.track
}

/** The camera and microphone of the browser, until the test ends. */
export async function microphoneAndCamera(): Promise<MediaStream> {
  const video = { width: 160, height: 90 }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video })
  onTestFinished(() => {
    for (const track of stream.getTracks()) track.stop()
  })
  return stream
}
