import type { Clock } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { createTestHub, gatherThree } from '../support.ts'

test('[H26] a connection that is silent for 5 s is pinged, and dropped when it stays silent for 4.5 s more', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  for (const client of [alice, bob, eve]) client.isAnswering = false
  clock.advance(5000)
  expect([alice.pings, bob.pings, eve.pings]).toEqual([1, 1, 1])
  clock.advance(4000)
  alice.connection.controlled()
  await bob.say({ type: 'ping', id: 1 })
  clock.advance(500)
  expect([alice.isTerminated, bob.isTerminated, eve.isTerminated]).toEqual([false, false, true])
  expect(alice.heard('participantLeft')).toMatchObject([
    { participant: eve.participant, reason: 'lost' },
  ])
  clock.advance(4499)
  expect([alice.pings, bob.pings]).toEqual([1, 1])
  clock.advance(1)
  expect([alice.pings, bob.pings]).toEqual([2, 2])
})

test('[H26] a connection whose ping waits behind what it reads is kept while it reads', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  for (const client of [bob, eve]) client.isAnswering = false
  await alice.publish(new Uint8Array(60_000))
  bob.bufferedBytes = eve.bufferedBytes = 60_000
  for (let second = 0; second < 9; second += 1) {
    clock.advance(1000)
    eve.bufferedBytes -= 1000
  }
  clock.advance(500)
  expect([bob.isTerminated, eve.isTerminated]).toEqual([true, false])
  eve.bufferedBytes = 0
  clock.advance(9500)
  expect(eve.isTerminated).toBe(true)
})

test('[H26] a hub that stood still itself drops nobody for it', async () => {
  const base = new VirtualClock()
  let lateMs = 0
  // Timers fire when they are due, and the time is later then.
  const clock: Clock = {
    now: () => base.now() + lateMs,
    setTimeout: (callback, delayMs) => base.setTimeout(callback, delayMs),
    clearTimeout: (handle) => base.clearTimeout(handle),
  }
  const { hub } = createTestHub({ clock })
  const { alice } = await gatherThree(hub)
  alice.isAnswering = false
  base.advance(5000)
  expect(alice.pings).toBe(1)
  lateMs = 6000
  base.advance(4500)
  expect([alice.pings, alice.isTerminated]).toEqual([2, false])
  base.advance(4500)
  expect(alice.isTerminated).toBe(true)
})

test('[H26] a client that probes the hub every 5 s is kept, though it answers no ping', async () => {
  const { hub, clock } = createTestHub()
  const { alice, eve } = await gatherThree(hub)
  for (const client of [alice, eve]) client.isAnswering = false
  for (let id = 1; id <= 24; id += 1) {
    clock.advance(5000)
    await alice.say({ type: 'ping', id })
  }
  expect([alice.isTerminated, eve.isTerminated]).toEqual([false, true])
  expect(alice.heard('pong')).toHaveLength(24)
})
