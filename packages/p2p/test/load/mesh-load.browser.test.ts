import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Bench, expectPicture, until } from '../support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await bench.close()
})

test('[S122] a mesh on a machine with one core sends a smaller camera to two peers from the first picture on', async () => {
  vi.stubGlobal('navigator', { hardwareConcurrency: 1 })
  const [alice, bob, carol] = [
    await bench.peer('alice'),
    await bench.peer('bob'),
    await bench.peer('carol'),
  ]
  alice.mesh.setTrack('camera', 'video', bench.picture('teal'))
  bench.introduce(alice, bob, carol)
  await Promise.all([expectPicture(bob, 'alice'), expectPicture(carol, 'alice')])
  const framerates = (): (number | undefined)[] =>
    ['bob', 'carol'].map((peer) => {
      const senders = alice.mesh.connections(peer).send?.getSenders() ?? []
      const camera = senders.find(({ track }) => track?.kind === 'video')
      return camera?.getParameters().encodings[0]?.maxFramerate
    })
  await until('limits', async () => framerates().every((each) => each === 20))
  expect(alice.errors).toEqual([])
})
