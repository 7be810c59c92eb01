import { expect, onTestFinished, test } from 'vitest'
import { NumberReader, NumberedPicture, Place, SteppingTone, ToneReader } from '@conclave/testing'

/** Both ends of a connection in this page that carries a track, and what comes out of it. */
async function carried(track: MediaStreamTrack): Promise<MediaStreamTrack> {
  const [one, two] = [new RTCPeerConnection(), new RTCPeerConnection()]
  onTestFinished(() => {
    one.close()
    two.close()
  })
  one.addEventListener('icecandidate', ({ candidate }) => void two.addIceCandidate(candidate))
  two.addEventListener('icecandidate', ({ candidate }) => void one.addIceCandidate(candidate))
  const arrived = new Promise<MediaStreamTrack>((resolve) => {
    two.addEventListener('track', (event) => resolve(event.track))
  })
  one.addTrack(track)
  await one.setLocalDescription()
  if (one.localDescription !== null) await two.setRemoteDescription(one.localDescription)
  await two.setLocalDescription()
  if (two.localDescription !== null) await one.setRemoteDescription(two.localDescription)
  return arrived
}

test('[S114] numbers of pictures survive a connection, in their order', async () => {
  const picture = new NumberedPicture()
  onTestFinished(() => picture.stop())
  const reader = new NumberReader(await carried(picture.track))
  onTestFinished(() => reader.close())
  const numbers = await reader.count(20)
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  expect(numbers.every((number) => number <= picture.last)).toBe(true)
  const now = picture.last
  expect(await reader.above(now)).toBeGreaterThan(now)
})

test('[S114] a picture of another camera has no number', async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 })
  const context = canvas.getContext('2d')
  const [track] = canvas.captureStream(30).getVideoTracks()
  if (context === null || track === undefined) throw new Error('a canvas gave no picture')
  let hue = 0
  const timer = setInterval(() => {
    context.fillStyle = `hsl(${(hue += 7) % 360} 80% 50%)`
    context.fillRect(0, 0, 320, 180)
  }, 30)
  onTestFinished(() => clearInterval(timer))
  const reader = new NumberReader(track)
  onTestFinished(() => reader.close())
  await expect.poll(() => reader.unreadable).toBeGreaterThan(30)
  expect(reader.numbers).toEqual([])
})

test('[S114] numbers of tones survive a connection, in their order', async () => {
  const tone = new SteppingTone()
  onTestFinished(() => tone.stop())
  const reader = new ToneReader(await carried(tone.track))
  onTestFinished(() => reader.close())
  await expect.poll(() => reader.numbers.length).toBeGreaterThan(9)
  const steps = reader.numbers
    .slice(1)
    .map((number, at) => (number - (reader.numbers[at] ?? 0) + 8) % 8)
  // A reader of a busy page may miss one, and hears none in another order.
  expect(steps.filter((step) => step === 1).length).toBeGreaterThan(steps.length / 2)
})

test('[S110, S114] numbered pictures pass an encrypted call between two rooms of a place', async () => {
  const place = await Place.create({ media: 'calls' })
  onTestFinished(() => place.end())
  const [alice, bob] = [await place.join('alice'), await place.join('bob')]
  await place.haveMet(alice, bob)
  const picture = new NumberedPicture()
  onTestFinished(() => picture.stop())
  await alice.publish(new MediaStream([picture.track]))
  const shown = () => bob.participants.get(alice.self.id)?.tracks.get('camera')
  await place.until(() => shown()?.e2ee === 'ok', [bob])
  const reader = new NumberReader(shown()?.track as MediaStreamTrack)
  onTestFinished(() => reader.close())
  const numbers = await reader.count(20)
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
})
