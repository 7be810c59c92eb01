import { randomMessage } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { bytes } from '../support.ts'
import { createGuardedHub, enter, PRESENCE, PRIVATE, settle } from './support.ts'

test('[G20] a user has so many subscriptions over all its connections, and gets the place of one that ended', async () => {
  const { hub } = createGuardedHub({
    limits: { subscriptionsPerConnection: 2, subscriptionsPerUser: 2 },
  })
  const phone = await enter(hub, 'alice.phone')
  const laptop = await enter(hub, 'alice.laptop')
  await laptop.subscribe(PRIVATE, { token: 'alice.laptop' })
  expect(laptop.heard('unavailable')).toHaveLength(1)
  await enter(hub, 'bob.laptop')
  phone.close(1000)
  await laptop.subscribe(PRIVATE, { token: 'alice.laptop' })
  expect(laptop.heard('subscribed')).toHaveLength(2)
})

test('[G20] a user publishes so much over all its connections, and a new one has no new bucket', async () => {
  const limits = {
    publishPerSecond: 1,
    publishBurst: 10,
    publishesPerUser: 1,
    publishBurstPerUser: 10,
  }
  const { hub, clock } = createGuardedHub({ limits })
  const [phone, laptop] = [await enter(hub, 'alice.phone'), await enter(hub, 'alice.laptop')]
  const bob = await enter(hub, 'bob.laptop')
  for (let n = 0; n < 5; n += 1) await phone.publish(bytes('hello'))
  for (let n = 0; n < 6; n += 1) await laptop.publish(bytes('hello'))
  expect(bob.delivered).toHaveLength(10)
  expect(laptop.heard('refused')).toMatchObject([{ reason: 'rate' }])
  for (const client of [phone, laptop]) client.close(1000)
  const tablet = await enter(hub, 'alice.tablet')
  await tablet.publish(bytes('hello'))
  expect(tablet.heard('refused')).toMatchObject([{ reason: 'rate' }])
  clock.advance(1000)
  await tablet.publish(bytes('hello'))
  expect(bob.delivered).toHaveLength(11)
})

test('[G21, H24] a channel takes so many messages, and whom it has no time for is not blamed', async () => {
  const limits = { publishBurstPerChannel: 1000, dropBurst: 1, publishBurst: 500 }
  const { hub } = createGuardedHub({ limits })
  const clients = await Promise.all(
    ['alice.x', 'bob.x', 'carol.x'].map((token) => enter(hub, token)),
  )
  for (const client of clients)
    for (let n = 0; n < 400; n += 1) await client.publish(bytes('hello'))
  const [, , carol] = clients
  const refused = carol?.heard('refused') ?? []
  expect(refused).toHaveLength(200)
  expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['unavailable']))
  expect(carol?.end).toBeUndefined()
})

test('[G21] a full channel is unavailable, until somebody leaves', async () => {
  const { hub } = createGuardedHub({ limits: { subscribersPerChannel: 2, subscriptions: 2 } })
  const alice = await enter(hub, 'alice.phone')
  const bob = await enter(hub, 'bob.laptop')
  const carol = await enter(hub, 'carol.phone').catch(() => undefined)
  expect(carol).toBeUndefined()
  alice.close(1000)
  await enter(hub, 'carol.phone')
  expect(bob.end).toBeUndefined()
})

test('[G22] a hub has so many guarded channels and subscriptions', async () => {
  const limits = { guardedChannels: 2, subscriptions: 3, subscribersPerChannel: 3 }
  const { hub } = createGuardedHub({ limits })
  const alice = await enter(hub, 'alice.phone', { channel: 'private-1' })
  await alice.subscribe('private-2', { token: 'alice.phone' })
  await alice.subscribe('private-3', { token: 'alice.phone' })
  const bob = await enter(hub, 'bob.laptop', { channel: 'private-1' })
  await bob.subscribe('private-2', { token: 'bob.laptop' })
  expect([alice, bob].map((client) => client.heard('unavailable').length)).toEqual([1, 1])
  expect(hub.stats()).toMatchObject({ guardedChannels: 2, subscriptions: 3 })
  for (const client of [alice, bob]) client.close(1000)
  await settle()
  expect(hub.stats()).toMatchObject({ guardedChannels: 0, subscriptions: 0, channels: 0 })
})

test('[G30] a channel takes what the server publishes as part of what it takes', async () => {
  const { hub } = createGuardedHub({
    limits: {
      ...{ publishBurstPerChannel: 2, publishBurstPerUser: 2, publishBurst: 2 },
    },
  })
  await enter(hub, 'alice.phone')
  const say = (): Promise<string> =>
    hub.channels.publish({
      ...{ app: '', channel: PRESENCE as never, id: randomMessage() },
      payload: bytes('hello'),
    })
  expect([await say(), await say(), await say()]).toEqual(['sent', 'sent', 'unavailable'])
})
