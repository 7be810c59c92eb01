import { createHub, createMemoryEngine } from '@conclave/server'
import type { Authorizer, Decision, Engine } from '@conclave/server'
import { VirtualClock } from '@conclave/base/testing'
import { createTestRoom, createTestAuthorizer, MemoryClient } from '@conclave/server/testing'
import { encodeMessage } from '@conclave/wire'
import { expect, test } from 'vitest'
import { bytes, createTestHub, ORIGIN } from '../support.ts'
import { createGuardedHub, enter, PRESENCE, PRIVATE, settle } from './support.ts'

test('[G1] a client subscribes, publishes, is delivered to, and unsubscribes', async () => {
  const { hub } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone', { channel: PRIVATE })
  const bob = await enter(hub, 'bob.laptop', { channel: PRIVATE })
  const [subscribed] = alice.heard('subscribed')
  expect(subscribed).toMatchObject({
    ...{ id: 1, rights: ['subscribe', 'publish', 'signal', 'presence'], count: 0 },
    ...{ expiresInMs: 3_600_000, limits: { maxPayloadBytes: 65_536 } },
  })
  const id = await alice.publish(bytes('hello'))
  expect(bob.delivered).toEqual([
    expect.objectContaining({
      position: 1n,
      id,
      from: subscribed?.member,
      payload: bytes('hello'),
    }),
  ])
  expect(alice.acks).toEqual([expect.objectContaining({ position: 1n, id })])
  expect(alice.delivered).toEqual([])
  await bob.say({ type: 'unsubscribe', channel: bob.channel })
  await alice.publish(bytes('again'))
  expect(bob.delivered).toHaveLength(1)
})

test('[G1] a connection has rooms and guarded channels beside each other, each once, under handles that differ', async () => {
  const { hub } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone', { channel: PRIVATE })
  await alice.subscribe(PRESENCE, { token: 'alice.phone' })
  await alice.join(await createTestRoom())
  const handles = [...alice.heard('subscribed'), ...alice.heard('joined')].map(
    ({ channel }) => channel,
  )
  expect(new Set(handles).size).toBe(3)
  expect(await alice.subscribe(PRIVATE, { token: 'alice.phone' })).toBeUndefined()
  expect(alice.messages.at(-1)).toMatchObject({ type: 'refused', reason: 'malformed' })
  expect(hub.stats()).toMatchObject({ channels: 1, guardedChannels: 2, subscriptions: 2 })
})

test('[G2] the channels of two applications with one name are two channels', async () => {
  const clock = new VirtualClock()
  const [shop, forum] = ['shop', 'forum'].map((app) => createTestAuthorizer({ clock, app }))
  const byApp: Authorizer = {
    decide: (request, options) => {
      const chosen = request.token?.endsWith('.shop') === true ? shop : forum
      return chosen?.decide(request, options) ?? { type: 'denied' }
    },
  }
  const { hub } = createTestHub({ clock, authorizers: [byApp] })
  const [alice, bob, carol] = [
    await enter(hub, 'alice.shop', { channel: PRIVATE }),
    await enter(hub, 'bob.forum', { channel: PRIVATE }),
    await enter(hub, 'carol.shop', { channel: PRIVATE }),
  ]
  await alice.publish(bytes('hello'))
  expect([bob.delivered, carol.delivered].map(({ length }) => length)).toEqual([0, 1])
  expect(hub.stats().guardedChannels).toBe(2)
})

test('[G4] a denial is the same bytes for a channel that exists and one that does not, and opens neither', async () => {
  const { hub } = createGuardedHub()
  await enter(hub, 'alice.phone', { channel: PRIVATE })
  const mallory = new MemoryClient(hub)
  await mallory.subscribe(PRIVATE, { id: 7 })
  await mallory.subscribe('private-absent', { id: 7 })
  const [, ...answers] = mallory.messages
  expect(answers).toEqual([
    { type: 'denied', id: 7 },
    { type: 'denied', id: 7 },
  ])
  expect(hub.stats()).toMatchObject({ guardedChannels: 1, decisions: { granted: 1, denied: 2 } })
})

test('[G4] a hub without authorizers denies everything', async () => {
  const { hub } = createTestHub()
  const alice = new MemoryClient(hub)
  await alice.subscribe(PRIVATE, { token: 'alice.phone' })
  expect(alice.heard('denied')).toHaveLength(1)
})

test('[G4] a grant that is revoked while the channel opens is a denial', async () => {
  const clock = new VirtualClock()
  let attached = (): void => {}
  const engine = createMemoryEngine({ clock })
  const slow: Engine = {
    ...engine,
    attach: async (lane, listener) => {
      await new Promise<void>((resolve) => (attached = resolve))
      return engine.attach(lane, listener)
    },
  }
  const { hub } = createGuardedHub({ clock, engine: slow })
  const alice = new MemoryClient(hub)
  const asking = alice.subscribe(PRIVATE, { token: 'alice.phone' })
  while (hub.stats().guardedChannels === 0) await Promise.resolve()
  clock.advance(1)
  hub.channels.revoke({ type: 'user', app: '', user: 'alice' })
  await settle()
  attached()
  await asking
  expect(alice.order).toEqual(['challenge', 'denied'])
  await settle()
  expect(hub.stats()).toMatchObject({ guardedChannels: 0, subscriptions: 0 })
})

test('[G5] only a client with a grant learns that there is no place, and is told when to come again', async () => {
  const { hub } = createGuardedHub({ limits: { subscriptionsPerConnection: 1 } })
  const alice = await enter(hub, 'alice.phone', { channel: PRIVATE })
  await alice.subscribe(PRESENCE)
  await alice.subscribe(PRESENCE, { token: 'alice.phone' })
  expect(alice.messages.slice(-2)).toEqual([
    { type: 'denied', id: 2 },
    { type: 'unavailable', id: 3, retryAfterMs: 5000 },
  ])
  expect(alice.end).toBeUndefined()
})

test('[G5] an engine that is away makes channels unavailable, and ends nothing', async () => {
  const clock = new VirtualClock()
  const engine = createMemoryEngine({ clock })
  const broken: Engine = { ...engine, attach: () => Promise.reject(new Error('canary')) }
  const { hub, lines } = createGuardedHub({ clock, engine: broken })
  const alice = new MemoryClient(hub)
  await alice.subscribe(PRIVATE, { token: 'alice.phone' })
  expect(alice.heard('unavailable')).toEqual([{ type: 'unavailable', id: 1, retryAfterMs: 5000 }])
  expect(alice.end).toBeUndefined()
  expect(lines.join()).not.toContain('canary')
  expect(hub.stats()).toMatchObject({ guardedChannels: 0, subscriptions: 0 })
})

test('[G6] a channel that was left is unknown, and can be entered again', async () => {
  const { hub } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone')
  const { channel } = alice
  await alice.say({ type: 'unsubscribe', channel })
  await alice.say({ type: 'unsubscribe', channel })
  await alice.publish(bytes('hello'), { channel })
  await alice.members({ channel })
  expect(alice.heard('refused').map(({ reason }) => reason)).toEqual([
    ...['unknown-channel', 'unknown-channel', 'unknown-channel'],
  ])
  expect(hub.stats()).toMatchObject({ guardedChannels: 0, subscriptions: 0 })
  expect(await alice.subscribe(PRESENCE, { token: 'alice.phone' })).toMatchObject({ count: 1 })
})

test('[G9, H10] before a grant a client may ask for channels and nothing else', async () => {
  const { hub } = createGuardedHub()
  const [alice, bob] = [new MemoryClient(hub), new MemoryClient(hub)]
  await alice.subscribe(PRIVATE)
  await alice.say({ type: 'unsubscribe', channel: 1 })
  expect(alice.end).toEqual({ code: 4400, reason: 'bad-handshake' })
  await bob.subscribe(PRIVATE, { token: 'bob.laptop' })
  await bob.say({ type: 'unsubscribe', channel: 1 })
  expect(bob.end).toBeUndefined()
})

test('[G9] the time to join stands still while an authorizer decides, and goes on after a denial', async () => {
  const clock = new VirtualClock()
  let decide: (decision: Decision) => void = () => {}
  const slow: Authorizer = { decide: () => new Promise((resolve) => (decide = resolve)) }
  const hub = createHub({
    ...{ engine: createMemoryEngine({ clock }), origins: [ORIGIN], clock, authorizers: [slow] },
    limits: { joinDeadlineMs: 2000 },
  })
  const alice = new MemoryClient(hub)
  clock.advance(1500)
  const asking = alice.subscribe(PRIVATE)
  await settle()
  clock.advance(4000)
  expect(alice.end).toBeUndefined()
  decide({ type: 'denied' })
  await asking
  clock.advance(499)
  expect(alice.end).toBeUndefined()
  clock.advance(1)
  expect(alice.end).toEqual({ code: 4410, reason: 'late' })
})

test('[G9] a connection that left its last channel has the time to join again', async () => {
  const { hub, clock } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone')
  clock.advance(60_000)
  await alice.say({ type: 'unsubscribe', channel: alice.channel })
  clock.advance(4999)
  expect(alice.end).toBeUndefined()
  clock.advance(1)
  expect(alice.end).toEqual({ code: 4410, reason: 'late' })
})

test('[G4] an authorizer sees the request as it was, and an empty token is none', async () => {
  const clock = new VirtualClock()
  const seen: unknown[] = []
  const watching: Authorizer = {
    decide: (request) => {
      seen.push(request)
      return { type: 'pass' }
    },
  }
  const { hub } = createTestHub({ clock, authorizers: [watching] })
  const facts = {
    ...{ origin: ORIGIN, address: '192.0.2.1' },
    header: (name: string) => (name === 'host' ? 'meet.example' : undefined),
  }
  const alice = new MemoryClient(hub, { facts })
  await alice.connection.receive(
    encodeMessage({
      ...{ type: 'subscribe', id: 1, channel: PRESENCE as never, wants: ['call'] },
      ...{ token: '', info: '' },
    }),
  )
  const [challenge] = alice.heard('challenge')
  expect(seen).toEqual([
    {
      ...{ channel: PRESENCE, kind: 'presence', wants: ['call'], token: undefined },
      ...{ nonce: challenge?.nonce, host: 'meet.example', facts },
    },
  ])
})

test('[G1, G5] an engine whose answer is lost after it told of the entry leaves the subscription as it is', async () => {
  const clock = new VirtualClock()
  const inner = createMemoryEngine({ clock })
  const engine: Engine = {
    ...inner,
    attach: async (lane, listener) => {
      const channel = await inner.attach(lane, listener)
      const enterAndFail = (entry: Parameters<typeof channel.enter>[0]): Promise<never> =>
        channel.enter(entry).then(() => Promise.reject(new Error('canary')))
      return { ...channel, enter: enterAndFail }
    },
  }
  const { hub } = createGuardedHub({ clock, engine })
  const alice = await enter(hub, 'alice.phone')
  expect(alice.order).toEqual(['challenge', 'subscribed'])
  alice.close(1000)
  await settle()
  expect(hub.stats()).toMatchObject({ guardedChannels: 0, subscriptions: 0 })
})
