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
  const ada = await bench.peer('ada')
  const bob = await bench.peer('bob')
  ada.mesh.setTrack('camera', 'video', bench.picture())
  bob.mesh.setTrack('camera', 'video', bench.picture('crimson'))
  bench.introduce(ada, bob)
  return [ada, bob]
}

const expectToGoOn = async (peer: Peer, from: string): Promise<void> => {
  const frames = await framesDecoded(peer, from)
  await until('goes on', async () => (await framesDecoded(peer, from)) > frames + 3)
}

test('[S4] the bus sees no description, no candidate and no key', async () => {
  const [ada, bob] = await call()
  await Promise.all([expectPicture(ada, 'bob'), expectPicture(bob, 'ada')])
  const seen = JSON.stringify(bench.network.log)
  for (const canary of ['a=ice', 'fingerprint', 'candidate:', 'keys of', 'camera', 'negotiation']) {
    expect(seen).not.toContain(canary)
  }
})

test('[S6] a call works when every message is delivered twice', async () => {
  bench.network.fate = () => 'duplicate'
  const [ada, bob] = await call()
  await Promise.all([expectPicture(ada, 'bob'), expectPicture(bob, 'ada')])
  expect(ada.refused.filter((reason) => reason === 'replay').length).toBeGreaterThan(3)
  expect(new Set(ada.frames.sending).size).toBe(1)
  expect(ada.errors).toEqual([])
})

test('[S6] a call that is replayed to its members changes nothing', async () => {
  const [ada, bob] = await call()
  await Promise.all([expectPicture(ada, 'bob'), expectPicture(bob, 'ada')])
  const recorded = [...bench.network.log]
  const replay = (packet: Packet): void => bench.network.inject(packet.namespace, packet.message)
  for (const packet of recorded) replay(packet)
  for (const packet of recorded.toReversed()) replay(packet)
  await until('refused', () => ada.refused.length + bob.refused.length >= 2 * recorded.length)
  expect(new Set([...ada.refused, ...bob.refused])).toEqual(new Set(['replay']))
  expect(new Set(ada.frames.sending).size).toBe(1)
  expect(ada.mesh.drops.size).toBe(0)
  await expectToGoOn(bob, 'ada')
})

test('[S6] a call that is reflected to its members changes nothing', async () => {
  const [ada, bob] = await call()
  await Promise.all([expectPicture(ada, 'bob'), expectPicture(bob, 'ada')])
  const own = bench.network.log.filter(({ from }) => from === 'ada')
  for (const { message } of own) {
    bench.network.inject(['sender', 'a room', 'ada'], message)
    bench.network.inject(['receiver', 'a room', 'ada'], message)
  }
  await until('refused', () => ada.refused.length === 2 * own.length)
  expect(new Set(ada.refused)).toEqual(new Set(['reflected']))
  await expectToGoOn(bob, 'ada')
})

test('[S4] a stranger without the key cannot end a call', async () => {
  const [ada, bob] = await call()
  await Promise.all([expectPicture(ada, 'bob'), expectPicture(bob, 'ada')])
  const sequence = Date.now() * 1_024 * 2
  for (const type of ['invoke', 'offer', 'answer', 'candidate', 'sync', 'dispose']) {
    for (const role of ['sender', 'receiver']) {
      for (const id of ['bob', 'eve']) {
        bench.network.inject([role, 'a room', 'ada'], {
          type,
          id,
          sequence,
          sealed: 'A'.repeat(80),
        })
        bench.network.inject([role, 'a room', 'ada'], { type, id })
      }
    }
  }
  await until('refused', () => ada.refused.length === 48)
  expect(new Set(ada.refused)).toEqual(new Set(['not-authentic', 'malformed']))
  expect(ada.mesh.drops.size).toBe(0)
  await expectToGoOn(bob, 'ada')
  await expectToGoOn(ada, 'bob')
})

test('[S3] a peer with another key is never connected', async () => {
  const clock = new VirtualClock()
  const ada = await bench.peer('ada', { clock })
  const eve = await bench.peer('eve', { key: 2, clock })
  ada.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(ada, eve)
  await until('refused again and again', () => {
    clock.advance(8_000)
    return ada.refused.length > 5 && eve.refused.length > 5
  })
  expect(new Set(eve.refused)).toEqual(new Set(['not-authentic']))
  expect(eve.tracks.size).toBe(0)
  expect(eve.mesh.connections('ada').receive).toBeUndefined()
})

test('[S22] a bus that loses every third message only takes longer', async () => {
  let count = 0
  bench.network.fate = () => ((count += 1) % 3 === 0 ? 'drop' : 'deliver')
  const [ada, bob] = await call()
  await Promise.all([expectPicture(ada, 'bob'), expectPicture(bob, 'ada')])
  expect(count).toBeGreaterThan(8)
}, 40_000)

test('[S24, S26] a call whose frames are sealed by the real frame protector', async () => {
  const room = parseRoomId('AAECAwQFBgcICQoLDA0ODw')
  if (room === undefined) throw new Error('a room id')
  const keys = new SharedKeySource(new Uint8Array(32).fill(9))
  const ids = ['EBESExQVFhcYGRobHB0eHw', 'ICEiIyQlJicoKSorLC0uLw'] as ParticipantId[]
  const cryptos = ids.map((self) => new FrameCrypto({ keys, room, self }))
  const [ada, bob] = (await Promise.all(
    ids.map(async (id, index) => {
      const frames = cryptos[index]
      return bench.peer(id, frames === undefined ? {} : { frames })
    }),
  )) as [Peer, Peer]
  for (const { mesh } of [ada, bob]) {
    mesh.setTrack('camera', 'video', bench.picture())
    mesh.setTrack('microphone', 'audio', bench.tone())
  }
  bench.introduce(ada, bob)
  await Promise.all([expectPicture(ada, bob.id), expectPicture(bob, ada.id)])
  ada.mesh.setTrack('screen', 'video', bench.picture('black', 640, 480))
  await expectPicture(bob, ada.id, 'screen')
  expect(ada.errors).toEqual([])
  expect(bob.errors).toEqual([])
  await ada.mesh.close()
  await Promise.all(cryptos.map(async (frames) => frames.close()))
})
