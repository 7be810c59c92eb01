import { VirtualClock } from '@conclave/base/testing'
import type { Authorizer, HookAnswer, Revocation } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import type { Right } from '@conclave/wire'
import { expect, test } from 'vitest'
import { bytes, createTestHub } from '../support.ts'
import { createGuardedHub, enter, PRESENCE, PRIVATE, settle } from './support.ts'

test('[G8] a grant ends at its time: the client is told, and nothing is delivered after', async () => {
  const { hub, clock } = createGuardedHub({ lifetimeMs: 10_000 })
  const alice = await enter(hub, 'alice.phone', { channel: PRIVATE })
  clock.advance(6000)
  const bob = await enter(hub, 'bob.laptop', { channel: PRIVATE })
  clock.advance(3999)
  await bob.publish(bytes('before'))
  const { channel } = alice
  clock.advance(1)
  await bob.publish(bytes('after'))
  expect(alice.order.slice(-2)).toEqual(['deliver', 'unsubscribed'])
  expect(alice.heard('unsubscribed')).toEqual([
    { type: 'unsubscribed', channel, reason: 'expired' },
  ])
  await alice.publish(bytes('late'), { channel })
  expect(alice.heard('refused').at(-1)).toMatchObject({ reason: 'unknown-channel' })
  expect(bob.heard('unsubscribed')).toEqual([])
  expect(hub.stats()).toMatchObject({ subscriptions: 1, grantsEnded: { expired: 1 } })
})

test('[G8] grants of one connection end each at its own time', async () => {
  const { hub, clock } = createGuardedHub({ lifetimeMs: 10_000 })
  const alice = await enter(hub, 'alice.phone', { channel: PRIVATE })
  clock.advance(4000)
  await alice.subscribe(PRESENCE, { token: 'alice.phone' })
  clock.advance(6000)
  expect(alice.heard('unsubscribed')).toHaveLength(1)
  clock.advance(3999)
  expect(alice.heard('unsubscribed')).toHaveLength(1)
  clock.advance(1)
  expect(alice.heard('unsubscribed')).toHaveLength(2)
})

test('[G7] a refresh makes the grant longer, and a denied one leaves it as it is', async () => {
  const { hub, clock } = createGuardedHub({ lifetimeMs: 10_000 })
  const alice = await enter(hub, 'alice.phone', { channel: PRIVATE })
  const { channel } = alice
  clock.advance(9000)
  for (const [id, token] of ['', 'mallory.phone', 'alice.laptop', 'alice.phone'].entries())
    await alice.say({ type: 'refresh', id, channel, token })
  expect(alice.heard('denied').map(({ id }) => id)).toEqual([0, 1, 2])
  expect(alice.heard('refreshed')).toEqual([
    {
      ...{ type: 'refreshed', id: 3, expiresInMs: 10_000 },
      rights: ['subscribe', 'publish', 'signal', 'presence'],
    },
  ])
  clock.advance(9999)
  expect(alice.heard('unsubscribed')).toEqual([])
  clock.advance(1)
  expect(alice.heard('unsubscribed')).toHaveLength(1)
  await alice.say({ type: 'refresh', id: 9, channel, token: 'alice.phone' })
  expect(alice.heard('refused').at(-1)).toMatchObject({ reason: 'unknown-channel' })
})

test('[G7, G14] a refresh asks for the rights that are held, takes away what is not granted again, and gives none back', async () => {
  const clock = new VirtualClock()
  const wanted: (readonly Right[])[] = []
  let allowed: readonly Right[] = ['subscribe', 'publish', 'presence']
  const changing: Authorizer = {
    decide: ({ wants, token }) => {
      wanted.push(wants)
      const [user = '', device = ''] = token?.split('.') ?? []
      const rights = new Set(wants.filter((right) => allowed.includes(right)))
      const times = { issuedMs: clock.now(), untilMs: clock.now() + 60_000 }
      return { type: 'granted', grant: { app: '', rights, user, device, ...times } }
    },
  }
  const { hub } = createTestHub({ clock, authorizers: [changing] })
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  const { channel } = alice
  allowed = ['publish', 'signal']
  await alice.say({ type: 'refresh', id: 5, channel, token: 'alice.phone' })
  expect(wanted.at(-1)).toEqual(['subscribe', 'publish', 'presence'])
  expect(alice.heard('refreshed')).toMatchObject([{ rights: ['publish'] }])
  const [{ member } = { member: '' }] = alice.heard('subscribed')
  expect(bob.heard('memberLeft')).toEqual([{ type: 'memberLeft', channel, member }])
  await bob.publish(bytes('hello'))
  expect(alice.delivered).toEqual([])
  await alice.members()
  await alice.signal(bytes('typing'))
  expect(alice.heard('refused').map(({ reason }) => reason)).toEqual(['denied', 'denied'])
  await alice.publish(bytes('hello'))
  expect(bob.delivered).toHaveLength(1)
})

test.each<[Revocation, string]>([
  [{ type: 'user', app: '', user: 'alice' }, 'revoked'],
  [{ type: 'token', app: '', tokenId: 'alice.phone', untilMs: Infinity }, 'revoked'],
  [{ type: 'kick', app: '', user: 'alice', channel: PRESENCE }, 'kicked'],
  [{ type: 'ban', app: '', user: 'alice', channel: PRESENCE, untilMs: Infinity }, 'banned'],
])('[G24] %o ends the subscription at once', async (revocation, reason) => {
  const { hub, clock } = createGuardedHub()
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  const { channel } = alice
  clock.advance(1000)
  hub.channels.revoke(revocation)
  expect(alice.messages.at(-1)).toEqual({ type: 'unsubscribed', channel, reason })
  const [{ member } = { member: '' }] = alice.heard('subscribed')
  expect(bob.heard('memberLeft')).toEqual([{ type: 'memberLeft', channel, member }])
  await bob.publish(bytes('hello'))
  expect(alice.delivered).toEqual([])
  expect(bob.heard('unsubscribed')).toEqual([])
  expect(hub.stats().grantsEnded).toMatchObject({ [reason]: 1 })
  clock.advance(1)
  const again = await alice.subscribe(PRESENCE, { token: 'alice.phone' })
  const mayReturn = reason === 'kicked' || revocation.type === 'user'
  expect(again !== undefined).toBe(mayReturn)
})

test('[G24] a revocation of another user, token, channel or application changes nothing', async () => {
  const { hub, clock } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone')
  clock.advance(1000)
  hub.channels.revoke({ type: 'user', app: '', user: 'bob' })
  hub.channels.revoke({ type: 'user', app: 'shop', user: 'alice' })
  hub.channels.revoke({ type: 'kick', app: '', user: 'alice', channel: PRIVATE })
  hub.channels.revoke({ type: 'token', app: '', tokenId: 'alice.laptop', untilMs: Infinity })
  expect(alice.heard('unsubscribed')).toEqual([])
})

test('[G52] a user that is put out while the program still decides does not come in', async () => {
  let answer: (() => void) | undefined
  const authorize = (): Promise<HookAnswer> =>
    new Promise((resolve) => {
      answer = () => resolve({ user: 'alice', rights: ['subscribe'], expiresInMs: 60_000 })
    })
  const { hub, clock } = createTestHub({ authorize })
  const alice = new MemoryClient(hub)
  const subscribing = alice.subscribe(PRIVATE)
  await settle()
  clock.advance(1000)
  hub.channels.revoke({ type: 'user', app: '', user: 'alice', channel: PRIVATE })
  clock.advance(1000)
  answer?.()
  expect(await subscribing).toBeUndefined()
  expect(alice.heard('denied')).toHaveLength(1)
})

test('[G24] a refresh with another token stands under that token from then on', async () => {
  const clock = new VirtualClock()
  const byName: Authorizer = {
    decide: ({ wants, token = '' }) => {
      const times = { issuedMs: clock.now(), untilMs: clock.now() + 60_000 }
      const rights = new Set(wants)
      const names = { app: '', user: 'alice', device: 'phone', tokenId: token }
      return { type: 'granted', grant: { ...names, rights, ...times } }
    },
  }
  const { hub } = createTestHub({ clock, authorizers: [byName] })
  const alice = await enter(hub, 'first')
  await alice.say({ type: 'refresh', id: 5, channel: alice.channel, token: 'second' })
  hub.channels.revoke({ type: 'token', app: '', tokenId: 'first', untilMs: Infinity })
  expect(alice.heard('unsubscribed')).toEqual([])
  hub.channels.revoke({ type: 'token', app: '', tokenId: 'second', untilMs: Infinity })
  expect(alice.heard('unsubscribed')).toHaveLength(1)
})

test('[G1, G24] one that is put out as it comes in hears both, and no second answer', async () => {
  const { hub, clock } = createGuardedHub()
  hub.channels.watch(({ type }) => {
    if (type === 'occupied') hub.channels.revoke({ type: 'kick', app: '', user: 'alice' })
  })
  const alice = await enter(hub, 'alice.phone', { channel: PRIVATE })
  expect(alice.order).toEqual(['challenge', 'subscribed', 'unsubscribed'])
  clock.advance(4999)
  expect(alice.end).toBeUndefined()
  clock.advance(1)
  expect(alice.end).toEqual({ code: 4410, reason: 'late' })
})
