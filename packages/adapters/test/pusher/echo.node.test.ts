/** Real Laravel Echo with a real client of pusher-js, over a local server of the protocol. */
import { sealEchoChannel } from '@conclave/adapters/echo'
import { sealPusherBackend, sealPusherChannel } from '@conclave/adapters/pusher'
import Echo from 'laravel-echo'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ringOf } from '../fixtures.ts'
import { startWorld, subscribed } from './pusher-fixtures.ts'
import type { PusherWorld } from './pusher-fixtures.ts'

let world: PusherWorld
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world.close())

const echoOf = (name: string, broadcaster: 'pusher' | 'reverb' = 'pusher') =>
  new Echo({
    // As far as types go they are different classes.
    broadcaster: broadcaster as 'pusher',
    key: world.server.key,
    client: world.client(name),
  })

test.each(['pusher', 'reverb'] as const)(
  '[T30] with the broadcaster %s whispers arrive opened, on private and presence channels',
  async (broadcaster) => {
    const [alice, bob] = [echoOf('alice', broadcaster), echoOf('bob', broadcaster)]
    const heard: unknown[] = []
    for (const kind of ['private', 'join'] as const) {
      const others = bob[kind]('room')
      const theirs = sealEchoChannel(others, { keys: ringOf(), sender: 'bob' })
      theirs.listenForWhisper('typing', (value, { sender }) => heard.push([kind, sender, value]))
      await subscribed(others.subscription)
      const mine = sealEchoChannel(alice[kind]('room'), { keys: ringOf(), sender: 'alice' })
      await mine.whisper('typing', { canary: kind })
    }
    await expect
      .poll(() => heard)
      .toEqual([
        ['private', 'alice', { canary: 'private' }],
        ['join', 'alice', { canary: 'join' }],
      ])
    const seen = world.server.seen.join('\n')
    expect(seen).toContain('"event":"client-typing"')
    expect(seen).not.toContain('canary')
  },
)

test('[T30] events of a backend are listened to by the names of Echo, with a namespace and a dot', async () => {
  const channel = echoOf('bob').private('room')
  const sealed = sealEchoChannel(channel, { keys: ringOf(), sender: 'bob' })
  const heard: unknown[] = []
  sealed.listen('OrderShipped', (value) => heard.push(['OrderShipped', value]))
  sealed.listen('.order.shipped', (value) => heard.push(['.order.shipped', value]))
  await subscribed(channel.subscription)
  const shop = sealPusherBackend(world.backend, 'private-room', { keys: ringOf(), sender: 'shop' })
  await shop.send('App\\Events\\OrderShipped', 1)
  await shop.send('order.shipped', 2)
  await expect
    .poll(() => heard)
    .toEqual([
      ['OrderShipped', 1],
      ['.order.shipped', 2],
    ])
})

test('[T30] Echo and pusher-js understand each other on one channel', async () => {
  const mine = world.client('alice').subscribe('private-room')
  const alice = sealPusherChannel(mine, { keys: ringOf(), sender: 'alice' })
  const theirs = echoOf('bob').private('room')
  const bob = sealEchoChannel(theirs, { keys: ringOf(), sender: 'bob' })
  const heard: unknown[] = []
  alice.on('message', (value) => heard.push(['alice', value]))
  bob.listenForWhisper('message', (value) => heard.push(['bob', value]))
  await Promise.all([subscribed(mine), subscribed(theirs.subscription)])
  await alice.send('message', 1)
  await expect.poll(() => heard).toEqual([['bob', 1]])
  await bob.whisper('message', 2)
  await expect.poll(() => heard.at(-1)).toEqual(['alice', 2])
})

test('[T6, T30] whispers and events in clear reach no handler', async () => {
  const [alices, bobs] = [echoOf('alice').private('room'), echoOf('bob').private('room')]
  const bob = sealEchoChannel(bobs, { keys: ringOf(), sender: 'bob' })
  const heard: unknown[] = []
  const reasons: string[] = []
  bob.listenForWhisper('typing', (value) => heard.push(value))
  bob.listen('OrderShipped', (value) => heard.push(value))
  bob.on('dropped', ({ reason }) => reasons.push(reason))
  await Promise.all([subscribed(alices.subscription), subscribed(bobs.subscription)])
  alices.whisper('typing', { body: 'in clear' })
  await world.backend.trigger('private-room', 'App\\Events\\OrderShipped', { body: 'in clear' })
  await expect.poll(() => reasons).toEqual(['unsealed', 'unsealed'])
  expect(heard).toEqual([])
  await bob.close()
  await expect(bob.whisper('typing', 1)).rejects.toMatchObject({ code: 'ERR_ADAPTER_CLOSED' })
})

test('[T17, T19, T30] names are declared clear as they travel, and say whether a client or the backend sent them', async () => {
  const [alices, bobs] = [echoOf('alice').private('room'), echoOf('bob').private('room')]
  const clear = ['typing', 'App\\Events\\OrderShipped'] as const
  const alice = sealEchoChannel(alices, { keys: ringOf(), sender: 'alice', clear })
  const bob = sealEchoChannel(bobs, { keys: ringOf(), sender: 'bob', clear })
  const heard: unknown[] = []
  bob.listenForWhisper('typing', (value, event) => heard.push([event, value]))
  bob.listen('OrderShipped', (value, event) => heard.push([event, value]))
  await Promise.all([subscribed(alices.subscription), subscribed(bobs.subscription)])
  await alice.whisper('typing', true)
  await expect
    .poll(() => heard)
    .toEqual([[{ type: 'clear', eventName: 'typing', from: 'client' }, true]])
  await world.backend.trigger('private-room', 'App\\Events\\OrderShipped', { order: 7 })
  const event = { type: 'clear', eventName: 'App\\Events\\OrderShipped', from: 'backend' }
  await expect.poll(() => heard.at(-1)).toEqual([event, { order: 7 }])
})

test('[T21, T30] whispers on a public and on an encrypted channel are refused', async () => {
  const echo = echoOf('bob')
  for (const channel of [echo.channel('room'), echo.encryptedPrivate('room')]) {
    const sealed = sealEchoChannel(channel, { keys: ringOf(), sender: 'bob' })
    await expect(sealed.whisper('typing', 1)).rejects.toMatchObject({
      code: 'ERR_ADAPTER_RECEIVE_ONLY',
    })
  }
})

test('[T15] a channel of another connector is refused', () => {
  const echo = new Echo({ broadcaster: 'null' })
  const options = { keys: ringOf(), sender: 'bob' }
  expect(() => sealEchoChannel(echo.private('room') as never, options)).toThrow(
    '"channel" expected',
  )
})
