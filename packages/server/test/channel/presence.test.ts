import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { createTestHub, gatherThree } from '../support.ts'

test('[H14] a session that enters learns who is there, and the others learn that it entered', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  expect(alice.heard('joined')[0]?.participants).toEqual([])
  expect(bob.heard('joined')[0]?.participants).toEqual([alice.participant])
  expect(eve.heard('joined')[0]?.participants).toEqual([alice.participant, bob.participant])
  const { channel } = alice
  expect(alice.heard('participantJoined')).toEqual([
    { type: 'participantJoined', channel, participant: bob.participant },
    { type: 'participantJoined', channel, participant: eve.participant },
  ])
  expect(eve.heard('participantJoined')).toEqual([])
  expect([bob.channel, eve.channel]).toEqual([channel, channel])
})

test('[H15] a session that sends leave has left, and its connection stays', async () => {
  const { hub } = createTestHub()
  const { room, alice, bob, eve } = await gatherThree(hub)
  await alice.say({ type: 'leave', room: room.id })
  const left = {
    type: 'participantLeft',
    channel: bob.channel,
    participant: alice.participant,
    reason: 'left',
  }
  expect(bob.heard('participantLeft')).toEqual([left])
  expect(eve.heard('participantLeft')).toEqual([left])
  expect(alice.heard('participantLeft')).toEqual([])
  await bob.publish(new Uint8Array([1]))
  expect(alice.delivered).toEqual([])
  expect(alice.end).toBeUndefined()
  const again = await alice.join(room)
  expect(again?.participants).toEqual([bob.participant, eve.participant])
})

test.each([
  [1000, 'left'],
  [1001, 'left'],
  [1005, 'lost'],
  [1006, 'lost'],
  [1009, 'lost'],
  [4000, 'lost'],
])('[H15] a connection that closes with %i is %s at once', async (code, reason) => {
  const { hub } = createTestHub()
  const { alice, bob } = await gatherThree(hub)
  alice.close(code)
  expect(bob.heard('participantLeft')).toMatchObject([{ participant: alice.participant, reason }])
  alice.close(code)
  expect(bob.heard('participantLeft')).toHaveLength(1)
  expect(hub.stats().connections).toBe(2)
})

test('[H15] a session that the hub ends is lost at once, before the transport has closed', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  alice.bufferedBytes = 9_000_000
  await bob.publish(new Uint8Array([1]))
  expect(alice.end?.code).toBe(4408)
  for (const other of [bob, eve]) {
    expect(other.heard('participantLeft')).toMatchObject([
      { participant: alice.participant, reason: 'lost' },
    ])
  }
  // The message was on its way first: everyone else has it before the news.
  expect(eve.order.slice(-2)).toEqual(['deliver', 'participantLeft'])
})

test('[H15] a connection that closes while it enters leaves no state', async () => {
  const { hub } = createTestHub()
  const { room, alice } = await gatherThree(hub)
  const late = new MemoryClient(hub)
  const joining = late.join(room)
  late.close()
  await joining
  const names = alice.messages.filter(
    (message) => 'participant' in message && message.participant === late.participant,
  )
  expect(names).toEqual([])
  expect((await new MemoryClient(hub).join(room))?.participants).toHaveLength(3)
})

test('[H16] the same session resumes its place without an event for the others', async () => {
  const { hub } = createTestHub()
  const { room, alice, bob, eve } = await gatherThree(hub)
  const { participant, session } = alice
  const again = new MemoryClient(hub, { session })
  const joined = await again.join(room)
  expect(joined?.participants).toEqual([bob.participant, eve.participant])
  expect(alice.end).toEqual({ code: 4409, reason: 'replaced' })
  await bob.publish(new Uint8Array([1]), { to: participant })
  alice.close()
  for (const other of [bob, eve]) {
    expect(other.heard('participantLeft')).toEqual([])
    const told = other
      .heard('participantJoined')
      .filter((message) => message.participant === participant)
    expect(told).toEqual([])
  }
  expect(again.delivered).toHaveLength(1)
  expect(alice.delivered).toHaveLength(0)
  again.close()
  expect(bob.heard('participantLeft')).toMatchObject([{ participant, reason: 'left' }])
})

test('[H14] a room that everyone has left is forgotten', async () => {
  const { hub } = createTestHub()
  const { room, alice, bob, eve } = await gatherThree(hub)
  const { channel } = alice
  for (const client of [alice, bob, eve]) client.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(hub.stats()).toMatchObject({ connections: 0, channels: 0 })
  const first = new MemoryClient(hub)
  expect((await first.join(room))?.participants).toEqual([])
  expect(first.channel).not.toBe(channel)
})

test('[H18] one connection can be in several rooms, and each leaves alone', async () => {
  const { hub } = createTestHub()
  const { room, alice, bob } = await gatherThree(hub)
  const second = await createTestRoom()
  await alice.join(second)
  await bob.join(second)
  const inSecond = bob.channel
  await alice.say({ type: 'leave', room: room.id })
  await bob.publish(new Uint8Array([2]), { channel: inSecond })
  await bob.publish(new Uint8Array([1]), { channel: bob.heard('joined')[0]?.channel ?? 0 })
  expect(alice.delivered.map(({ channel, payload }) => [channel, ...payload])).toEqual([
    [inSecond, 2],
  ])
})
