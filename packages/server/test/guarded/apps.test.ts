import { VirtualClock } from '@conclave/base/testing'
import type { AppLimits, Hub } from '@conclave/server'
import { createTestAuthorizer, MemoryClient, randomMessage } from '@conclave/server/testing'
import type { ChannelName } from '@conclave/wire'
import { expect, test } from 'vitest'
import { bytes, createTestHub } from '../support.ts'
import { enter, PRESENCE, PRIVATE, settle } from './support.ts'

/** A hub for an application with limits, and for another one without. */
function createHubOfTwo(limits: AppLimits): { hub: Hub; clock: VirtualClock } {
  const clock = new VirtualClock()
  const [shop, forum] = [
    createTestAuthorizer({ clock, app: 'shop' }),
    createTestAuthorizer({ clock, app: 'forum' }),
  ]
  const { hub } = createTestHub({
    clock,
    apps: [
      { id: 'shop', keys: [], limits },
      { id: 'forum', keys: [] },
    ],
    authorizers: [
      {
        decide: (request, options) =>
          (request.token?.endsWith('.forum') === true ? forum : shop).decide(request, options),
      },
    ],
  })
  return { hub, clock }
}

const isRefused = async (entering: Promise<unknown>): Promise<boolean> =>
  (await entering.catch(() => 'refused')) === 'refused'

test('[G23] an application has so many connections, each counted once', async () => {
  const { hub } = createHubOfTwo({ connections: 2 })
  const alice = await enter(hub, 'alice.x')
  expect(await alice.subscribe(PRIVATE, { token: 'alice.x' })).toBeDefined()
  const bob = await enter(hub, 'bob.x')
  expect(await isRefused(enter(hub, 'carol.x'))).toBe(true)
  await enter(hub, 'carol.forum')
  await alice.say({ type: 'unsubscribe', channel: alice.channel })
  expect(await isRefused(enter(hub, 'carol.x'))).toBe(true)
  bob.close(1000)
  await enter(hub, 'carol.x')
})

test('[G23] an application has so many open channels', async () => {
  const { hub } = createHubOfTwo({ channels: 1 })
  const alice = await enter(hub, 'alice.x')
  await alice.subscribe(PRIVATE, { token: 'alice.x' })
  expect(alice.heard('unavailable')).toHaveLength(1)
  await enter(hub, 'bob.x')
  const carol = await enter(hub, 'carol.forum')
  expect(await carol.subscribe(PRIVATE, { token: 'carol.forum' })).toBeDefined()
  const dave = await enter(hub, 'dave.x')
  for (const client of [alice, dave]) client.close(1000)
  await settle()
  expect(await isRefused(enter(hub, 'erin.x', { channel: PRIVATE }))).toBe(true)
})

test('[G23] an application has so many messages a second in all its channels, with those of its server', async () => {
  const { hub, clock } = createHubOfTwo({ publishesPerSecond: 5 })
  const alice = await enter(hub, 'alice.x')
  const bob = new MemoryClient(hub)
  await bob.subscribe(PRIVATE, { token: 'bob.x' })
  for (let n = 0; n < 6; n += 1) await alice.publish(bytes('hello'))
  for (let n = 0; n < 3; n += 1) await bob.publish(bytes('hello'))
  const say = (app: string): Promise<string> =>
    hub.channels.publish({
      ...{ app, channel: PRESENCE as ChannelName, id: randomMessage(), payload: bytes('hello') },
    })
  expect([await say('shop'), await say('shop'), await say('forum')]).toEqual([
    ...['sent', 'unavailable', 'sent'],
  ])
  const id = await bob.publish(bytes('hello'))
  expect(bob.heard('refused')).toEqual([{ type: 'refused', id, reason: 'unavailable' }])
  clock.advance(1000)
  await bob.publish(bytes('hello'))
  expect(bob.acks).toHaveLength(4)
})
