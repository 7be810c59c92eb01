import { createMemoryEngine } from '@conclave/server'
import type { HubConnection } from '@conclave/server'
import { VirtualClock } from '@conclave/base/testing'
import { encodeMessage } from '@conclave/wire'
import type { ChannelName } from '@conclave/wire'
import { expect, test } from 'vitest'
import { bytes } from '../support.ts'
import { createGuardedHub, enter, PRESENCE, PRIVATE } from './support.ts'

const COUNT = 10_000
const clock = new VirtualClock()
const { hub } = createGuardedHub({ clock, engine: createMemoryEngine({ clock }) })

interface Unread {
  readonly connection: HubConnection
  readonly sent: (string | Uint8Array)[]
}

/** Keeps the messages that a connection is sent, and reads none. */
async function enterUnread(token: string): Promise<Unread> {
  const sent: (string | Uint8Array)[] = []
  const ignore = (): void => {}
  const connection = hub.connect({
    ...{ bufferedBytes: 0, leftBytes: 0, ping: ignore, pause: ignore, resume: ignore },
    ...{ close: ignore, terminate: ignore },
    send: (data) => void sent.push(data),
  })
  for (const [id, name] of [PRESENCE, PRIVATE].entries())
    await connection.receive(
      encodeMessage({
        ...{ type: 'subscribe', id, channel: name as ChannelName, token, info: '' },
        wants: ['subscribe', 'presence'],
      }),
    )
  return { connection, sent }
}

test(`[G10, G18, G21, H50] ${COUNT} subscribers of a private and a presence channel`, async () => {
  const alice = await enter(hub, 'alice.phone')
  const { channel } = alice
  await alice.subscribe(PRIVATE, { token: 'alice.phone' })
  const others = [await enterUnread('bob.laptop')]
  while (others.length < COUNT - 1) others.push(await enterUnread(`user${others.length}.x`))
  const stats = { subscriptions: 2 * COUNT, guardedChannels: 2 }
  expect(hub.stats()).toMatchObject(stats)
  // The clock stands still: each of the first hundred is told, and then their number once.
  expect(alice.heard('memberJoined')).toHaveLength(99)
  expect(alice.heard('memberCount')).toEqual([{ type: 'memberCount', channel, count: 101 }])
  clock.advance(1000)
  expect(alice.heard('memberCount').at(-1)?.count).toBe(COUNT)
  expect(alice.messages).toHaveLength(1 + 2 + 99 + 2)
  // challenge, two times subscribed, 98 members, two counts
  expect(others[0]?.sent).toHaveLength(1 + 2 + 98 + 2)
  await alice.publish(bytes('hello'))
  await alice.publish(bytes('hello'), { channel })
  expect(hub.stats().delivered).toBe(2 * (COUNT - 1))
  // One frame for all of them. spec H50
  const [first, last] = [others[0], others.at(-1)].map((other) => other?.sent.slice(-2))
  expect(first?.every((frame, at) => frame instanceof Uint8Array && frame === last?.[at])).toBe(
    true,
  )
  expect(await enter(hub, 'late.x').catch(() => 'unavailable')).toBe('unavailable')
  for (const { connection } of others) connection.closed(1001)
  clock.advance(1000)
  expect(hub.stats()).toMatchObject({ subscriptions: 2 })
}, 30_000)
