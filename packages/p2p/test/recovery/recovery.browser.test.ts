/** Calls that break, and come back by themselves. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OfferMessage, SignalMessage, SyncMessage } from '@conclave/p2p'
import { VirtualClock } from '@conclave/base/testing'
import { FLOW_INTERVAL_MS } from '../../src/recovery/flow-monitor.ts'
import {
  Bench,
  ROOM,
  audioPackets,
  expectPicture,
  framesDecoded,
  packetsSent,
  stats,
  until,
} from '../support/bench.ts'
import type { Peer } from '../support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

const restarts = (from: string): number =>
  bench.messages(from, 'offer').filter((message) => (message as OfferMessage).ice > 1).length

const asks = (from: string): number =>
  bench.messages(from, 'sync').filter((message) => (message as SyncMessage).restart).length

const call = async (clock?: VirtualClock): Promise<readonly [Peer, Peer]> => {
  const options = clock === undefined ? { sealed: false } : { sealed: false, clock }
  const alice = await bench.peer('alice', options)
  const bob = await bench.peer('bob', options)
  alice.mesh.setTrack('camera', 'video', bench.picture())
  alice.mesh.setTrack('microphone', 'audio', bench.tone())
  bench.introduce(alice, bob)
  await expectPicture(bob, 'alice')
  await until('sound', async () => (await audioPackets(bob, 'alice')) > 0)
  return [alice, bob]
}

test('[S30, S23] a side whose connection has died unnoticed is connected again', async () => {
  const [alice, bob] = await call()
  const { receive } = bob.mesh.connections('alice')
  receive?.close()
  await until(
    'noticed',
    () => alice.states.some((state) => /send (disconnected|failed)/.test(state)),
    40_000,
  )
  await until('another connection', () => {
    const present = bob.mesh.connections('alice').receive
    return present !== undefined && present !== receive
  })
  await expectPicture(bob, 'alice')
  expect(restarts('alice')).toBeGreaterThan(0)
}, 60_000)

test('[S32, S30] silence is enough for the receiving side to ask and the sending side to restart', async () => {
  const [alice, bob] = await call()
  const { send } = alice.mesh.connections('bob')
  const { receive } = bob.mesh.connections('alice')
  await until('flows', async () => (await audioPackets(bob, 'alice')) > 20)
  const startMs = performance.now()
  // Nothing is wrong with ICE: the packets just end.
  const senders = (send?.getSenders() ?? []).map((sender) => ({ sender, track: sender.track }))
  for (const { sender } of senders) await sender.replaceTrack(null)
  await until('asked', () => asks('bob') > 0)
  expect(performance.now() - startMs).toBeLessThan(6_000)
  await until('restarted', () => restarts('alice') > 0)
  for (const { sender, track } of senders) await sender.replaceTrack(track)
  const frames = await framesDecoded(bob, 'alice')
  await until('a picture again', async () => (await framesDecoded(bob, 'alice')) > frames + 5)
  expect(receive?.connectionState).toBe('connected')
  expect(bob.mesh.connections('alice').receive).toBe(receive)
})

test('[S32] a track that has ended is not reported as silent', async () => {
  const clock = new VirtualClock()
  const stop = bench.run(clock)
  const [alice, bob] = await call(clock)
  alice.mesh.setTrack('camera', 'video', null)
  alice.mesh.setTrack('microphone', 'audio', null)
  await until('told', () => bob.tracks.size === 0)
  stop()
  // Each round is one count of the packets, which may ask the connection.
  for (let round = 0; round < 10; round += 1) {
    clock.advance(FLOW_INTERVAL_MS)
    await stats(bob.mesh.connections('alice').receive)
  }
  expect(asks('bob')).toBe(0)
  expect(restarts('alice')).toBe(0)
})

test('[S30, S31] candidates that are all lost are made up for by restarts', async () => {
  const clock = new VirtualClock()
  const alice = await bench.peer('alice', { sealed: false, clock })
  const bob = await bench.peer('bob', { sealed: false, clock })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  const startMs = clock.now()
  // At first no candidate gets through, neither as a message nor in a description.
  bench.network.fate = ({ message }) => {
    const signal = message as SignalMessage
    const carries = 'sdp' in signal && signal.sdp.includes('a=candidate')
    const isEarly = clock.now() - startMs < 12_000
    return isEarly && (signal.type === 'candidate' || carries) ? 'drop' : 'deliver'
  }
  bench.introduce(alice, bob)
  await until('answered', () => bench.messages('bob', 'answer').length > 0)
  await until(
    'a picture',
    async () => {
      clock.advance(50)
      return (await framesDecoded(bob, 'alice')) > 0
    },
    25_000,
  )
  expect(clock.now() - startMs).toBeGreaterThanOrEqual(12_000)
  expect(restarts('alice')).toBeGreaterThan(0)
  expect(new Set(alice.frames.sending).size).toBe(1)
}, 40_000)

test('[S34, S88] a connection that no restart repairs is replaced', async () => {
  const clock = new VirtualClock()
  const alice = await bench.peer('alice', { sealed: false, clock })
  const bob = await bench.peer('bob', { sealed: false, clock })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  // Candidates come through only for the second connection.
  const names = new Set<string>()
  bench.network.fate = ({ message }) => {
    const signal = message as SignalMessage
    if (signal.type === 'offer') names.add(`${signal.id} ${signal.connection}`)
    const carries = 'sdp' in signal && signal.sdp.includes('a=candidate')
    const isFirst = names.size <= 2
    return isFirst && (signal.type === 'candidate' || carries) ? 'drop' : 'deliver'
  }
  bench.introduce(alice, bob)
  await until('answered', () => bench.messages('bob', 'answer').length > 0)
  await until(
    'a picture',
    async () => {
      clock.advance(100)
      return (await framesDecoded(bob, 'alice')) > 0
    },
    40_000,
  )
  expect(restarts('alice')).toBeGreaterThanOrEqual(6)
  expect(new Set(alice.frames.sending).size).toBe(2)
  // After 30 s without a way it is told, once for each direction, and tried on.
  expect(new Set(bob.errors)).toEqual(new Set(['ERR_P2P_UNREACHABLE']))
}, 60_000)

test('[S31] messages lost with the driver are sent again when it is back', async () => {
  const clock = new VirtualClock()
  const alice = await bench.peer('alice', { sealed: false, clock })
  const bob = await bench.peer('bob', { sealed: false, clock })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.network.fate = () => 'drop'
  bench.introduce(alice, bob)
  await until('lost', () => bench.network.log.length >= 2)
  bench.network.fate = () => 'deliver'
  const resync = (): void => {
    alice.mesh.resync()
    bob.mesh.resync()
    clock.advance(10)
  }
  await until('a picture', async () => {
    resync()
    return (await framesDecoded(bob, 'alice')) > 0
  })
  expect(clock.now()).toBeLessThan(1_000_000 + 10_000)
})

test('[S31] a resync of a call that is well changes nothing', async () => {
  const [alice, bob] = await call()
  const offers = bench.messages('alice', 'offer').length
  alice.mesh.resync()
  bob.mesh.resync()
  await until('said', () => bench.messages('bob', 'sync').length > 0)
  const frames = await framesDecoded(bob, 'alice')
  await until('goes on', async () => (await framesDecoded(bob, 'alice')) > frames + 5)
  expect(bench.messages('alice', 'offer')).toHaveLength(offers)
})

test('[S30] a network that comes back restarts at once', async () => {
  const [alice, bob] = await call()
  globalThis.dispatchEvent(new Event('online'))
  await until('restarted', () => restarts('alice') > 0)
  const frames = await framesDecoded(bob, 'alice')
  await until('goes on', async () => (await framesDecoded(bob, 'alice')) > frames + 5)
  await alice.mesh.close()
  const before = restarts('alice')
  globalThis.dispatchEvent(new Event('online'))
  await until('ended', () => bob.tracks.size === 0)
  expect(restarts('alice')).toBe(before)
})

test('[S147] a connection that is well again goes on with a key frame', async () => {
  const [alice, bob] = await call()
  const { send } = alice.mesh.connections('bob')
  const keyFrames = async (): Promise<number> =>
    (await stats(send)).reduce((sum, { keyFramesEncoded = 0 }) => sum + keyFramesEncoded, 0)
  const frames = await framesDecoded(bob, 'alice')
  await until('flows', async () => (await framesDecoded(bob, 'alice')) > frames + 5)
  const before = await keyFrames()
  send?.dispatchEvent(new Event('connectionstatechange'))
  await until('a key frame', async () => (await keyFrames()) > before)
  expect(alice.errors).toEqual([])
})

test('[S12] after close no message is sent, no connection made and no event emitted', async () => {
  const clock = new VirtualClock()
  const stop = bench.run(clock)
  const [alice, bob] = await call(clock)
  const { send } = alice.mesh.connections('bob')
  await alice.mesh.close()
  expect(send?.connectionState).toBe('closed')
  expect(alice.mesh.peers).toEqual([])
  expect(await packetsSent(alice, 'bob')).toBe(0)
  await until('told', () => bob.tracks.size === 0)
  const states = alice.states.length
  const count = bench.network.log.filter(({ from }) => from === 'alice').length
  stop()
  // Somebody must listen: the network forgets messages that nobody hears.
  await bench.network.driver('witness').on(['sender', ROOM, 'alice'], () => undefined)
  const asked = bench.messages('bob', 'invoke').length
  await until('bob asks for another connection', () => {
    clock.advance(1_000)
    return bench.messages('bob', 'invoke').length > asked
  })
  await bob.mesh.close()
  // Neither has a timer left, and none is set by what the time that passes brings.
  expect(clock.pending).toBe(0)
  clock.advance(60_000)
  expect(alice.states).toHaveLength(states)
  expect(bench.network.log.filter(({ from }) => from === 'alice')).toHaveLength(count)
})
