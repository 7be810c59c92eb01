/**
 * Tracks of one colour, and the colours that a video element shows.
 */
import { onTestFinished } from 'vitest'

/** A track that shows a colour, as a camera does: a picture every 33 ms. */
export function drawTrack(colour: string): MediaStreamTrack {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: 320, height: 240 })
  const context = canvas.getContext('2d')
  let count = 0
  const draw = (): void => {
    if (!context) return
    context.fillStyle = colour
    context.fillRect(0, 0, 320, 240)
    // Encoders leave out pictures that do not change.
    context.fillStyle = `rgb(${(count += 1) % 255} 0 0)`
    context.fillRect(0, 0, 8, 8)
  }
  draw()
  const timer = setInterval(draw, 33)
  const [track] = canvas.captureStream(30).getVideoTracks()
  if (!track) throw new Error('a canvas has a track')
  onTestFinished(() => {
    clearInterval(timer)
    track.stop()
  })
  return track
}

/** The colours of all pictures that an element shows from now on: `red`, `blue` or `other`. */
export function watchColours(video: HTMLVideoElement): string[] {
  const colours: string[] = []
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width: 1, height: 1 })
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const look = (): void => {
    context?.drawImage(video, 0, 0, 1, 1)
    const [red = 0, , blue = 0] = context?.getImageData(0, 0, 1, 1).data ?? []
    colours.push(red > 2 * blue + 40 ? 'red' : blue > 2 * red + 40 ? 'blue' : 'other')
    video.requestVideoFrameCallback(look)
  }
  video.requestVideoFrameCallback(look)
  return colours
}
