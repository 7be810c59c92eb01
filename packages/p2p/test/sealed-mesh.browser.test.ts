/** Meshes over a bus that loses messages, and with real frame encryption. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SharedKeySource } from '@conclave/e2ee'
import { FrameCrypto } from '@conclave/media'
import { parseRoomId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { Bench, expectPicture } from './support/bench.ts'
import type { Peer } from './support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

const call = async (): Promise<readonly [Peer, Peer]> => {
  const alice = await bench.peer('alice')
  const bob = await bench.peer('bob')
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bob.mesh.setTrack('camera', 'video', bench.picture('crimson'))
  bench.introduce(alice, bob)
  return [alice, bob]
}

test('[S22] a bus that loses every third message only takes longer', async () => {
  let count = 0
  bench.network.fate = () => ((count += 1) % 3 === 0 ? 'drop' : 'deliver')
  const [alice, bob] = await call()
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  expect(count).toBeGreaterThan(8)
}, 40_000)

test('[S24, S26] a call whose frames are sealed by the real frame protector', async () => {
  const room = parseRoomId('AAECAwQFBgcICQoLDA0ODw')
  if (room === undefined) throw new Error('a room id')
  const keys = new SharedKeySource(new Uint8Array(32).fill(9))
  const ids = ['EBESExQVFhcYGRobHB0eHw', 'ICEiIyQlJicoKSorLC0uLw'] as ParticipantId[]
  const cryptos = ids.map((self) => new FrameCrypto({ keys, room, self }))
  const [alice, bob] = (await Promise.all(
    ids.map(async (id, index) => {
      const frames = cryptos[index]
      return bench.peer(id, frames === undefined ? {} : { frames })
    }),
  )) as [Peer, Peer]
  for (const { mesh } of [alice, bob]) {
    mesh.setTrack('camera', 'video', bench.picture())
    mesh.setTrack('microphone', 'audio', bench.tone())
  }
  bench.introduce(alice, bob)
  await Promise.all([expectPicture(alice, bob.id), expectPicture(bob, alice.id)])
  alice.mesh.setTrack('screen', 'video', bench.picture('black', 640, 480))
  await expectPicture(bob, alice.id, 'screen')
  expect(alice.errors).toEqual([])
  expect(bob.errors).toEqual([])
  await alice.mesh.close()
  await Promise.all(cryptos.map(async (frames) => frames.close()))
})
