/** Clear events over real clients of pusher-js and the real library for backends, and a server that confuses names. */
import { sealPusherBackend, sealPusherChannel } from '@conclave/adapters/pusher'
import type { DroppedArrival } from '@conclave/adapters'
import type { Channel } from 'pusher-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ringOf } from '../fixtures.ts'
import { startWorld, subscribed } from './pusher-fixtures.ts'
import type { PusherWorld } from './pusher-fixtures.ts'

let world: PusherWorld
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world.close())

const clear = ['typing', 'order.shipped'] as const
const seal = (channel: Channel, sender: string) =>
  sealPusherChannel(channel, { keys: ringOf(), sender, clear })

/** Two clients on one channel; everything that reached a handler of the second, and what it dropped. */
async function meet() {
  const [alices, bobs] = ['alice', 'bob'].map((name) =>
    world.client(name).subscribe('private-room'),
  )
  if (alices === undefined || bobs === undefined) throw new Error('expected two channels')
  const [alice, bob] = [seal(alices, 'alice'), seal(bobs, 'bob')]
  const heard: unknown[] = []
  const drops: DroppedArrival[] = []
  bob.on('message', (value, { sender }) => heard.push([sender, value]))
  bob.on('typing', (value, { from }) => heard.push([from, value]))
  bob.on('order.shipped', (value, { from }) => heard.push([from, value]))
  bob.on('dropped', (drop) => drops.push(drop))
  await Promise.all([subscribed(alices), subscribed(bobs)])
  return { alices, bobs, alice, bob, heard, drops }
}

test('[T18, T20, T70] the server reads clear events and no others', async () => {
  const { alice, heard } = await meet()
  await alice.send('typing', { canary: 'clear' })
  await alice.send('message', { canary: 'sealed' })
  await expect
    .poll(() => heard)
    .toEqual([
      ['client', { canary: 'clear' }],
      ['alice', { canary: 'sealed' }],
    ])
  const seen = world.server.seen.join('\n')
  expect(seen).toContain('"event":"client-typing","data":{"canary":"clear"}')
  expect(seen).not.toContain('"canary":"sealed"')
})

test('[T18, T20] a text arrives as the same text, from a client and from a backend, also one that is itself JSON', async () => {
  const { alice, heard } = await meet()
  const shop = sealPusherBackend(world.backend, 'private-room', {
    ...{ keys: ringOf(), sender: 'shop', clear },
  })
  const texts = ['text', '123', 'null', '{"a":1}', '"']
  for (const text of texts) await alice.send('typing', text)
  for (const text of texts) await shop.send('order.shipped', text)
  await expect.poll(() => heard).toHaveLength(10)
  expect(heard).toEqual([
    ...texts.map((text) => ['client', text]),
    ...texts.map((text) => ['backend', text]),
  ])
})

test('[T19, T20] clear events of a backend and of a client without this library arrive, and say which of both they come from', async () => {
  const { alices, bobs, heard } = await meet()
  const others: unknown[] = []
  bobs.bind('client-typing', (value: unknown) => others.push(value))
  await world.backend.trigger('private-room', 'order.shipped', { order: 7 })
  await expect.poll(() => heard).toEqual([['backend', { order: 7 }]])
  // A member cannot pass for the backend unnoticed.
  alices.trigger('client-order.shipped', { order: 8 })
  await expect.poll(() => heard.at(-1)).toEqual(['client', { order: 8 }])
  alices.trigger('client-typing', true)
  await expect.poll(() => [heard.at(-1), others]).toEqual([['client', true], [true]])
})

test('[T19] a server that strips, renames, replays or dresses up events delivers nothing under a sealed name', async () => {
  const { alice, heard, drops } = await meet()
  const trigger = (name: string, data: unknown) => world.backend.trigger('private-room', name, data)
  await alice.send('message', 'sealed')
  await alice.send('typing', 'clear')
  await expect.poll(() => heard).toHaveLength(2)
  const sent = world.server.seen.flatMap((line) => {
    const [, event, data] = /^\{"event":"client-(\w+)","data":(.*),"channel"/.exec(line) ?? []
    return event === undefined || data === undefined
      ? []
      : [{ event, data: JSON.parse(data) as unknown }]
  })
  expect(sent.map(({ event }) => event)).toEqual(['message', 'typing'])
  const [sealed, inClear] = sent
  const attempts: [name: string, data: unknown, reason: string][] = [
    ['message', 'sealed', 'unsealed'],
    ['message', inClear?.data, 'unsealed'],
    ['message', sealed?.data, 'replay'],
    ['typing', sealed?.data, 'declared-clear'],
    ['message', { ...(sealed?.data as object), sealed: 'A'.repeat(80) }, 'replay'],
    ['message', { ...(sealed?.data as object), sequence: 9 }, 'not-authentic'],
    ['client-typing', sealed?.data, 'declared-clear'],
  ]
  for (const [name, data] of attempts) await trigger(name, data)
  await expect.poll(() => drops).toHaveLength(attempts.length)
  expect(drops.map(({ reason }) => reason)).toEqual(attempts.map(([, , reason]) => reason))
  expect(heard).toHaveLength(2)
})

test('[T18, T24] clear events go through the backend like the others', async () => {
  const posted: unknown[] = []
  const channel = world.client('carol').subscribe('private-room')
  const carol = sealPusherChannel(channel, {
    ...{ keys: ringOf(), sender: 'carol', clear },
    via: async (eventName, data) => {
      posted.push(data)
      await world.backend.trigger('private-room', eventName, data)
    },
  })
  const { heard } = await meet()
  await carol.send('typing', '123')
  await carol.send('typing', { by: 'carol' })
  await expect
    .poll(() => heard)
    .toEqual([
      ['backend', '123'],
      ['backend', { by: 'carol' }],
    ])
  expect(posted).toEqual(['"123"', { by: 'carol' }])
})
