/** The whole way: meshes over a bus that belongs to somebody else, with real seals and real frame encryption. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { VirtualClock } from '@conclave/base/testing'
import { SharedKeySource } from '@conclave/e2ee'
import { FrameCrypto } from '@conclave/media'
import type { Packet } from '@conclave/p2p/testing'
import { parseRoomId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { Bench, expectPicture, framesDecoded, until } from './support/bench.ts'
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

const expectToGoOn = async (peer: Peer, from: string): Promise<void> => {
  const frames = await framesDecoded(peer, from)
  await until('goes on', async () => (await framesDecoded(peer, from)) > frames + 3)
}

test('[S4] the bus sees no description, no candidate and no key', async () => {
  const [alice, bob] = await call()
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  const seen = JSON.stringify(bench.network.log)
  for (const canary of ['a=ice', 'fingerprint', 'candidate:', 'keys of', 'camera', 'negotiation']) {
    expect(seen).not.toContain(canary)
  }
})

test('[S6] a call works when every message is delivered twice', async () => {
  bench.network.fate = () => 'duplicate'
  const [alice, bob] = await call()
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  expect(alice.refused.filter((reason) => reason === 'replay').length).toBeGreaterThan(3)
  expect(new Set(alice.frames.sending).size).toBe(1)
  expect(alice.errors).toEqual([])
})

test('[S6] a call that is replayed to its members changes nothing', async () => {
  const [alice, bob] = await call()
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  const recorded = [...bench.network.log]
  const replay = (packet: Packet): void => bench.network.inject(packet.namespace, packet.message)
  for (const packet of recorded) replay(packet)
  for (const packet of recorded.toReversed()) replay(packet)
  await until('refused', () => alice.refused.length + bob.refused.length >= 2 * recorded.length)
  expect(new Set([...alice.refused, ...bob.refused])).toEqual(new Set(['replay']))
  expect(new Set(alice.frames.sending).size).toBe(1)
  expect(alice.mesh.drops.size).toBe(0)
  await expectToGoOn(bob, 'alice')
})

test('[S6] a call that is reflected to its members changes nothing', async () => {
  const [alice, bob] = await call()
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  const own = bench.network.log.filter(({ from }) => from === 'alice')
  for (const { message } of own) {
    bench.network.inject(['sender', 'a room', 'alice'], message)
    bench.network.inject(['receiver', 'a room', 'alice'], message)
  }
  await until('refused', () => alice.refused.length === 2 * own.length)
  expect(new Set(alice.refused)).toEqual(new Set(['reflected']))
  await expectToGoOn(bob, 'alice')
})

test('[S4] a stranger without the key cannot end a call', async () => {
  const [alice, bob] = await call()
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  const sequence = Date.now() * 1_024 * 2
  for (const type of ['invoke', 'offer', 'answer', 'candidate', 'sync', 'dispose']) {
    for (const role of ['sender', 'receiver']) {
      for (const id of ['bob', 'eve']) {
        bench.network.inject([role, 'a room', 'alice'], {
          type,
          id,
          sequence,
          sealed: 'A'.repeat(80),
        })
        bench.network.inject([role, 'a room', 'alice'], { type, id })
      }
    }
  }
  await until('refused', () => alice.refused.length === 48)
  expect(new Set(alice.refused)).toEqual(new Set(['not-authentic', 'malformed']))
  expect(alice.mesh.drops.size).toBe(0)
  await expectToGoOn(bob, 'alice')
  await expectToGoOn(alice, 'bob')
})

test('[S3] a peer with another key is never connected', async () => {
  const clock = new VirtualClock()
  const alice = await bench.peer('alice', { clock })
  const eve = await bench.peer('eve', { key: 2, clock })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, eve)
  await until('refused again and again', () => {
    clock.advance(8_000)
    return alice.refused.length > 5 && eve.refused.length > 5
  })
  expect(new Set(eve.refused)).toEqual(new Set(['not-authentic']))
  expect(eve.tracks.size).toBe(0)
  expect(eve.mesh.connections('alice').receive).toBeUndefined()
})

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
