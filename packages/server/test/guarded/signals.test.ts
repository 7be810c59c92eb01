import { randomParticipant } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { bytes } from '../support.ts'
import { createGuardedHub, enter, PRIVATE } from './support.ts'

test('[G12] a signal reaches the others without a position or an acknowledgement, and twice when it is sent twice', async () => {
  const { hub } = createGuardedHub()
  const [alice, bob] = [
    await enter(hub, 'alice.phone', { channel: PRIVATE }),
    await enter(hub, 'bob.laptop', { channel: PRIVATE }),
  ]
  const id = await alice.signal(bytes('typing'))
  await alice.signal(bytes('typing'), { id })
  const [subscribed] = alice.heard('subscribed')
  const frame = { type: 'signalled', channel: bob.channel, id, from: subscribed?.member }
  expect(bob.signalled).toEqual([
    { ...frame, payload: bytes('typing') },
    { ...frame, payload: bytes('typing') },
  ])
  expect([alice.signalled, alice.acks, bob.delivered]).toEqual([[], [], []])
  await alice.publish(bytes('hello'))
  expect(bob.delivered[0]?.position).toBe(1n)
  expect(hub.stats().signals).toEqual({ sent: 2, dropped: 0 })
})

test('[G12] a signal may name one member, and is dropped without a word when it is not there', async () => {
  const { hub } = createGuardedHub()
  const [alice, bob, carol] = [
    await enter(hub, 'alice.phone'),
    await enter(hub, 'bob.laptop'),
    await enter(hub, 'carol.phone'),
  ]
  const to = bob.heard('subscribed')[0]?.member
  await alice.signal(bytes('typing'), to === undefined ? {} : { to })
  await alice.signal(bytes('typing'), { to: randomParticipant() })
  expect([bob, carol].map(({ signalled }) => signalled.length)).toEqual([1, 0])
  expect(alice.heard('refused')).toEqual([])
  expect(hub.stats().signals).toEqual({ sent: 1, dropped: 1 })
})

test('[G12] a client for which more than 64 KiB wait loses signals, and no messages', async () => {
  const { hub } = createGuardedHub()
  const [alice, bob, carol] = [
    await enter(hub, 'alice.phone'),
    await enter(hub, 'bob.laptop'),
    await enter(hub, 'carol.phone'),
  ]
  bob.bufferedBytes = 65_537
  await alice.signal(bytes('typing'))
  await alice.publish(bytes('hello'))
  bob.bufferedBytes = 65_536
  await alice.signal(bytes('typing'))
  expect([bob, carol].map(({ signalled }) => signalled.length)).toEqual([1, 2])
  expect(bob.delivered).toHaveLength(1)
  expect(hub.stats().signals).toEqual({ sent: 3, dropped: 1 })
})

test('[G13] signals beyond their rate are dropped without a word, and take no part of that of messages', async () => {
  const { hub, clock } = createGuardedHub({ limits: { signalPerSecond: 10, signalBurst: 20 } })
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  for (let n = 0; n < 30; n += 1) await alice.signal(bytes('typing'))
  expect(bob.signalled).toHaveLength(20)
  expect(alice.heard('refused')).toEqual([])
  for (let n = 0; n < 400; n += 1) await alice.publish(bytes('hello'))
  expect(bob.delivered).toHaveLength(400)
  clock.advance(1000)
  for (let n = 0; n < 11; n += 1) await alice.signal(bytes('typing'))
  expect(bob.signalled).toHaveLength(30)
})

test('[G13] a flood of signals ends the connection', async () => {
  const { hub } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone')
  for (let n = 0; n < 1101 && alice.end === undefined; n += 1) await alice.signal(bytes('typing'))
  expect(alice.end).toEqual({ code: 4429, reason: 'rate' })
})
