import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { TrackCovers } from '../../src/page/track-covers.ts'

const scene = (enabled = true) => {
  const clock = new VirtualClock(0)
  return { clock, covers: new TrackCovers(clock), receiver: { track: { enabled } } }
}

test('[M57] a track is disabled at once, and enabled with the first frame of the next participant', () => {
  const { clock, covers, receiver } = scene()
  covers.cover(receiver)
  expect(receiver.track.enabled).toBe(false)
  clock.advance(60_000)
  expect(receiver.track.enabled).toBe(false)
  covers.reveal(receiver)
  clock.advance(0)
  expect(receiver.track.enabled).toBe(true)
})

test('[M57] a track stays disabled for 300 ms, until earlier frames have been played', () => {
  const { clock, covers, receiver } = scene()
  covers.cover(receiver)
  covers.reveal(receiver)
  clock.advance(299)
  expect(receiver.track.enabled).toBe(false)
  clock.advance(1)
  expect(receiver.track.enabled).toBe(true)
})

test('[M57] a track that is given on before it was shown waits for its next participant', () => {
  const { clock, covers, receiver } = scene()
  covers.cover(receiver)
  covers.reveal(receiver)
  clock.advance(200)
  covers.cover(receiver)
  clock.advance(60_000)
  expect(receiver.track.enabled).toBe(false)
  covers.reveal(receiver)
  clock.advance(0)
  expect(receiver.track.enabled).toBe(true)
})

test('[M57] a track that the application had disabled stays so', () => {
  const { clock, covers, receiver } = scene(false)
  covers.cover(receiver)
  covers.reveal(receiver)
  clock.advance(300)
  expect(receiver.track.enabled).toBe(false)
})

test('[M24, M57] a track that is stopped meanwhile stays disabled', () => {
  const { clock, covers, receiver } = scene()
  covers.cover(receiver)
  covers.reveal(receiver)
  covers.forget(receiver)
  clock.advance(60_000)
  covers.reveal(receiver)
  clock.advance(60_000)
  expect(receiver.track.enabled).toBe(false)
  covers.cover(receiver)
  covers.reveal(receiver)
  covers.close()
  clock.advance(60_000)
  expect(receiver.track.enabled).toBe(false)
})
