import { expect, test } from 'vitest'
import { VirtualClock } from '@conclave/base/testing'
import { Retry } from '../../src/recovery/retry.ts'

const setUp = () => {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const atMs: number[] = []
  const retry = new Retry(clock, () => atMs.push(clock.now() - startMs))
  return { clock, atMs, retry }
}

test('[S22] repetitions come after 0.5, 1, 2, 4 and then each 8 seconds', () => {
  const { clock, atMs, retry } = setUp()
  retry.start()
  clock.advance(40_000)
  expect(atMs).toEqual([500, 1_500, 3_500, 7_500, 15_500, 23_500, 31_500, 39_500])
  retry.stop()
  clock.advance(40_000)
  expect(atMs).toHaveLength(8)
  expect(clock.pending).toBe(0)
})

test('[S22] pausing keeps the backoff, ending resets it', () => {
  const { clock, atMs, retry } = setUp()
  retry.start()
  clock.advance(1_500)
  retry.pause()
  clock.advance(60_000)
  retry.resume()
  clock.advance(2_000)
  expect(atMs).toEqual([500, 1_500])
  clock.advance(2_000)
  expect(atMs).toEqual([500, 1_500, 65_500])
  retry.stop()
  retry.resume()
  clock.advance(500)
  expect(atMs).toEqual([500, 1_500, 65_500, 66_000])
})

test('[S22] the action may stop it', () => {
  const clock = new VirtualClock()
  let count = 0
  const retry = new Retry(clock, () => {
    count += 1
    retry.stop()
  })
  retry.start()
  clock.advance(60_000)
  expect(count).toBe(1)
})
