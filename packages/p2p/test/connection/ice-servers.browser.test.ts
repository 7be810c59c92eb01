import { VirtualClock } from '@conclave/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, expectPicture, until } from '../support/bench.ts'
import type { Peer } from '../support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => bench.close())

/** A call of two, of whom alice takes her servers from a function. */
const call = async (
  iceServers: () => RTCIceServer[] | Promise<RTCIceServer[]>,
  clock?: VirtualClock,
): Promise<{ alice: Peer; bob: Peer }> => {
  const [alice, bob] = [
    await bench.peer('alice', { rtc: { iceServers }, ...(clock && { clock }) }),
    await bench.peer('bob'),
  ]
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  return { alice, bob }
}

test('[S87] a function is asked for a new connection, once for both directions, and again for a restart', async () => {
  const clock = new VirtualClock()
  bench.run(clock)
  const servers = [{ urls: 'stun:127.0.0.1:9' }]
  const given: RTCIceServer[][] = []
  const { alice, bob } = await call(() => {
    given.push(servers)
    return servers
  }, clock)
  await expectPicture(bob, 'alice')
  expect(given).toHaveLength(1)
  const { send } = alice.mesh.connections('bob')
  expect(send?.getConfiguration().iceServers?.[0]?.urls).toEqual(
    new RTCPeerConnection({ iceServers: servers }).getConfiguration().iceServers?.[0]?.urls,
  )
  clock.advance(20_000)
  globalThis.dispatchEvent(new Event('online'))
  await until('another question', () => given.length === 2)
  expect(alice.errors).toEqual([])
})

test.each<readonly [string, () => RTCIceServer[] | Promise<RTCIceServer[]>]>([
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no'))],
  ['gives no list', () => 'turn:example.org' as never],
  ['gives what no browser takes', () => [{ urls: 'not-a-url' }]],
])('[S87] a function that %s is reported, and the call goes on without it', async (_name, give) => {
  const { alice, bob } = await call(give)
  await expectPicture(bob, 'alice')
  expect(new Set(alice.errors)).toEqual(new Set(['ERR_P2P_ICE_SERVERS']))
})

test('[S87] a function that does not answer is waited for by 5 s', async () => {
  const clock = new VirtualClock()
  let asked = 0
  const { alice, bob } = await call(() => {
    asked += 1
    return new Promise(() => undefined)
  }, clock)
  await until('the question', () => asked > 0)
  clock.advance(4_999)
  expect(alice.errors).toEqual([])
  clock.advance(1)
  bench.run(clock)
  await expectPicture(bob, 'alice')
  expect(alice.errors).toContain('ERR_P2P_ICE_SERVERS')
})

test('[S88] an end without a way to a peer is told so after 30 s, once in each direction', async () => {
  const clock = new VirtualClock()
  // Relays only, and no relay: nobody finds a candidate.
  const options = { clock, rtc: { iceTransportPolicy: 'relay' } } as const
  const [alice, bob] = [await bench.peer('alice', options), await bench.peer('bob', options)]
  bench.introduce(alice, bob)
  await until('both descriptions', () => bench.messages('bob', 'answer').length > 0)
  await until(
    'the answer is applied',
    () => alice.mesh.connections('bob').send?.signalingState === 'stable',
  )
  const told = (): string[] => alice.errors.filter((code) => code === 'ERR_P2P_UNREACHABLE')
  bench.run(clock)
  clock.advance(25_000)
  expect(told()).toEqual([])
  await until('both are told', () => told().length === 2)
  clock.advance(60_000)
  expect(told()).toHaveLength(2)
})

test('[S39] a policy of transport that no platform takes is refused', async () => {
  const rtc = { iceTransportPolicy: 'nobody' as 'relay' }
  await expect(bench.peer('alice', { rtc })).rejects.toThrow('"iceServers" expected')
})
