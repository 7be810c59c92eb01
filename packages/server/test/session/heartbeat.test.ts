import { expect, test } from 'vitest'
import { createTestHub, gatherThree } from '../support.ts'

test('[H26] a connection is pinged every 30 s and dropped when it stays silent for 10 s', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  for (const client of [alice, bob, eve]) client.isAnswering = false
  clock.advance(30_000)
  expect([alice.pings, bob.pings, eve.pings]).toEqual([1, 1, 1])
  clock.advance(5000)
  alice.connection.heard()
  await bob.say({ type: 'ping', id: 1 })
  clock.advance(5000)
  expect([alice.isTerminated, bob.isTerminated, eve.isTerminated]).toEqual([false, false, true])
  expect(alice.heard('participantLeft')).toMatchObject([
    { participant: eve.participant, reason: 'lost' },
  ])
  clock.advance(20_000)
  expect([alice.pings, bob.pings]).toEqual([2, 2])
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
