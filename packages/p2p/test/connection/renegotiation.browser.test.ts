/** Negotiation is repeated when messages are lost and when a connection ends. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SignalMessage } from '@conclave/p2p'
import { VirtualClock } from '@conclave/base/testing'
import { Bench, ROOM, expectPicture, framesDecoded, until } from '../support/bench.ts'
import type { Peer } from '../support/bench.ts'

const TO_ALICE = ['sender', ROOM, 'alice'] as const
const TO_BOB = ['receiver', ROOM, 'bob'] as const

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

/** `alice` sends a picture to `bob`, and nothing comes back. */
const oneWay = async (): Promise<readonly [Peer, Peer]> => {
  const alice = await bench.peer('alice', { sealed: false })
  const bob = await bench.peer('bob', { sealed: false })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  return [alice, bob]
}

const typeOf = (message: unknown): string => (message as SignalMessage).type

test('[S22] lost messages are sent again', async () => {
  const clock = new VirtualClock()
  const alice = await bench.peer('alice', { sealed: false, clock })
  const bob = await bench.peer('bob', { sealed: false, clock })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  // The first of each kind is lost, in both directions.
  const lost = new Set<string>()
  bench.network.fate = ({ from, message }) => {
    const kind = `${from} ${typeOf(message)}`
    if (lost.has(kind)) return 'deliver'
    lost.add(kind)
    return 'drop'
  }
  bench.introduce(alice, bob)
  const advance = async (): Promise<boolean> => {
    clock.advance(250)
    return framesDecoded(bob, 'alice').then((frames) => frames > 0)
  }
  const startMs = clock.now()
  await until('a picture', advance)
  expect([...lost].sort()).toEqual(
    expect.arrayContaining(['alice invoke', 'alice offer', 'bob answer', 'bob invoke']),
  )
  expect(clock.now() - startMs).toBeLessThan(60_000)
  expect(alice.errors).toEqual([])
  expect(bob.errors).toEqual([])
})

test('[S22] the side that learns of the other last makes both ask at once', async () => {
  const clock = new VirtualClock()
  const alice = await bench.peer('alice', { sealed: false, clock })
  const bob = await bench.peer('bob', { sealed: false, clock })
  alice.mesh.addPeer('bob')
  await until('asked', () => bench.messages('alice', 'invoke').length === 1)
  await until('dropped', () => bob.mesh.drops.get('unknown-peer') === 1)
  bob.mesh.addPeer('alice')
  // The clock stands still: no retry of anybody is at work.
  await until('offered both ways', () =>
    ['alice', 'bob'].every((id) => bench.messages(id, 'answer').length > 0),
  )
  expect(bench.messages('alice', 'invoke')).toHaveLength(2)
})

test('[S23] a connection that the sender ends is asked for again while it is in the roster', async () => {
  const [, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const [invoke] = bench.messages('bob', 'invoke')
  bench.network.inject(TO_BOB, { type: 'dispose', id: 'alice', connection: invoke?.connection })
  await until('ended', () => !bob.tracks.has('alice camera'))
  await expectPicture(bob, 'alice')
  expect(bench.messages('bob', 'invoke').at(-1)?.connection).not.toBe(invoke?.connection)
})

test('[S23] a peer that is removed while its connection ends is not asked again', async () => {
  const clock = new VirtualClock()
  const stop = bench.run(clock)
  const alice = await bench.peer('alice', { sealed: false })
  const bob = await bench.peer('bob', { sealed: false, clock })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await expectPicture(bob, 'alice')
  bob.mesh.on('connection', ({ direction, state }) => {
    if (direction === 'receive' && state === 'closed') bob.mesh.removePeer('alice')
  })
  stop()
  const [offer] = bench.messages('alice', 'offer')
  bench.network.inject(TO_BOB, { ...offer, negotiation: 9, sdp: 'v=nonsense' })
  await until('removed', () => bob.mesh.peers.length === 0)
  expect(clock.pending).toBe(0)
})

test('[S23] a dispose of another connection changes nothing', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  bench.network.inject(TO_BOB, { type: 'dispose', id: 'alice', connection: 'other' })
  bench.network.inject(TO_ALICE, { type: 'dispose', id: 'bob', connection: 'other' })
  await until('dropped', () => bob.mesh.drops.get('stale') === 1)
  await until('dropped', () => alice.mesh.drops.get('stale') === 1)
  expect(bob.tracks.has('alice camera')).toBe(true)
})
