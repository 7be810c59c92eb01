import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Bench, audioPackets, expectPicture, until } from '../support/bench.ts'

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

test('[S145] at the second level packets of sound are longer, in connections from before too', async () => {
  // Half of what one core can be asked for.
  vi.stubGlobal('navigator', { hardwareConcurrency: 0.5 })
  const [alice, bob] = [await bench.peer('alice'), await bench.peer('bob')]
  alice.mesh.setTrack('camera', 'video', bench.picture('teal'))
  alice.mesh.setTrack('microphone', 'audio', bench.tone())
  bench.introduce(alice, bob)
  const lengths = (peer: string): readonly string[] =>
    /(?<=^a=ptime:)\d+/gm.exec(
      alice.mesh.connections(peer).send?.currentRemoteDescription?.sdp ?? '',
    ) ?? []
  await until('answered', () => lengths('bob').join() === '20')
  const carol = await bench.peer('carol')
  bench.introduce(alice, carol)
  await until('longer ones', () => ['bob', 'carol'].every((peer) => lengths(peer).join() === '60'))
  const before = await audioPackets(bob, 'alice')
  await until('sound', async () => (await audioPackets(bob, 'alice')) > before + 5)
  expect(alice.errors).toEqual([])
})
