import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, audioPackets, expectPicture } from './support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

test('[S12] two peers see and hear each other', async () => {
  const ada = await bench.peer('ada')
  const bob = await bench.peer('bob')
  ada.mesh.setTrack('camera', 'video', bench.picture('teal'))
  ada.mesh.setTrack('microphone', 'audio', bench.tone())
  bob.mesh.setTrack('camera', 'video', bench.picture('crimson'))
  bob.mesh.setTrack('microphone', 'audio', bench.tone())
  bench.introduce(ada, bob)
  await Promise.all([expectPicture(ada, 'bob'), expectPicture(bob, 'ada')])
  await expect.poll(async () => audioPackets(ada, 'bob')).toBeGreaterThan(20)
  await expect.poll(async () => audioPackets(bob, 'ada')).toBeGreaterThan(20)
  expect(ada.errors).toEqual([])
  expect(bob.errors).toEqual([])
  expect(ada.frames.prepared).toContain('bob keys of bob')
})
