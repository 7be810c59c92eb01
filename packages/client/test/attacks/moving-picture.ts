/** Pictures for tests in pages. */
import { onTestFinished } from 'vitest'

/** A moving picture, until the test ends. */
export function movingPicture(width: number, height: number): MediaStreamTrack {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')
  let hue = 0
  const timer = setInterval(() => {
    if (context === null) return
    hue = (hue + 17) % 360
    context.fillStyle = `hsl(${hue} 80% 50%)`
    context.fillRect(0, 0, width, height)
  }, 50)
  const [track] = canvas.captureStream(20).getVideoTracks()
  if (track === undefined) throw new Error('a canvas without a track')
  onTestFinished(() => {
    clearInterval(timer)
    track.stop()
  })
  return track
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
