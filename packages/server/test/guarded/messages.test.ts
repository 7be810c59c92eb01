import { createMemoryEngine } from '@conclave/server'
import type { Engine } from '@conclave/server'
import { VirtualClock } from '@conclave/base/testing'
import {
  createTestRoom,
  MemoryClient,
  randomMessage,
  randomParticipant,
} from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { bytes } from '../support.ts'
import { createGuardedHub, enter, PRESENCE, PRIVATE } from './support.ts'

const memberOf = (client: MemoryClient): string => client.heard('subscribed')[0]?.member ?? ''

test('[G10] a message goes to every other connection in one order, also to those of the same user', async () => {
  const { hub } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone')
  const aliceAgain = await enter(hub, 'alice.phone')
  const [bob, carol] = [await enter(hub, 'bob.laptop'), await enter(hub, 'carol.phone')]
  await alice.publish(bytes('one'))
  await bob.publish(bytes('two'))
  await aliceAgain.publish(bytes('three'))
  const seen = (client: MemoryClient): unknown[] =>
    client.delivered.map(({ position, from }) => [position, from])
  const [a, b] = [memberOf(alice), memberOf(bob)]
  expect(memberOf(aliceAgain)).toBe(a)
  expect(seen(carol)).toEqual([
    [1n, a],
    [2n, b],
    [3n, a],
  ])
  expect(seen(alice)).toEqual([
    [2n, b],
    [3n, a],
  ])
  expect(seen(aliceAgain)).toEqual([
    [1n, a],
    [2n, b],
  ])
  expect(alice.acks.map(({ position }) => position)).toEqual([1n])
})

test('[G10, H21] a message that is sent again over another connection of its member keeps its position', async () => {
  const { hub } = createGuardedHub()
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  const id = await alice.publish(bytes('hello'))
  alice.close(1006)
  const again = await enter(hub, 'alice.phone')
  await again.publish(bytes('hello'), { id })
  await bob.publish(bytes('hello'), { id })
  expect(again.acks).toEqual([expect.objectContaining({ position: 1n, id })])
  expect(bob.delivered).toHaveLength(1)
  expect(again.delivered).toHaveLength(1)
})

test('[G11] one member is named in presence channels only, and gets the message on all its connections', async () => {
  const { hub } = createGuardedHub()
  const [alice, carol] = [await enter(hub, 'alice.phone'), await enter(hub, 'carol.phone')]
  const bobs = [await enter(hub, 'bob.laptop'), await enter(hub, 'bob.laptop')]
  const to = bobs[0]?.heard('subscribed')[0]?.member
  await alice.publish(bytes('hello'), { ...(to === undefined ? {} : { to }) })
  expect(bobs.map(({ delivered }) => delivered.length)).toEqual([1, 1])
  expect(carol.delivered).toEqual([])
  const id = await alice.publish(bytes('hello'), { to: randomParticipant() })
  expect(alice.heard('refused')).toEqual([{ type: 'refused', id, reason: 'absent' }])
  await alice.subscribe(PRIVATE, { token: 'alice.phone' })
  await alice.publish(bytes('hello'), { to: randomParticipant() })
  expect(alice.heard('refused').at(-1)?.reason).toBe('denied')
})

test('[G14] each operation needs its right', async () => {
  const { hub } = createGuardedHub()
  const bob = await enter(hub, 'bob.laptop')
  const reader = new MemoryClient(hub)
  await reader.subscribe(PRESENCE, { token: 'alice.phone', wants: ['subscribe'] })
  const writer = new MemoryClient(hub)
  await writer.subscribe(PRESENCE, { token: 'carol.phone', wants: ['publish'] })
  const ids = [await reader.publish(bytes('hello')), await reader.signal(bytes('typing'))]
  await reader.members()
  expect(reader.heard('refused').map(({ id, reason }) => [id, reason])).toEqual([
    ...ids.map((id) => [id, 'denied']),
    ['AAAAAAAAAAAAAAAAAAAAAA', 'denied'],
  ])
  await writer.publish(bytes('hello'))
  await bob.publish(bytes('hello'))
  expect([reader, writer, bob].map(({ delivered }) => delivered.length)).toEqual([2, 0, 1])
  // Who may not see members is none.
  expect(bob.heard('memberJoined')).toEqual([])
  expect(await bob.members()).toMatchObject({ total: 1 })
})

test('[G15, H39] an engine that is away refuses nothing: the connection is not read until it is back', async () => {
  const clock = new VirtualClock()
  const inner = createMemoryEngine({ clock })
  let isAway = false
  const engine: Engine = {
    ...inner,
    attach: async (lane, listener) => {
      const channel = await inner.attach(lane, listener)
      const publish: typeof channel.publish = (message) =>
        isAway ? Promise.reject(new Error('canary')) : channel.publish(message)
      return { ...channel, publish }
    },
  }
  const { hub } = createGuardedHub({ clock, engine })
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  isAway = true
  const publishing = alice.publish(bytes('hello'))
  while (!alice.isPaused) await Promise.resolve()
  isAway = false
  clock.advance(50)
  await publishing
  expect(alice.isPaused).toBe(false)
  expect(alice.acks).toHaveLength(1)
  expect(bob.delivered).toHaveLength(1)
})

test('[G10] messages of rooms and guarded channels never meet', async () => {
  const { hub } = createGuardedHub()
  const room = await createTestRoom()
  const [alice, bob] = [await enter(hub, 'alice.phone'), new MemoryClient(hub)]
  await alice.join(room)
  await bob.join(room)
  await alice.publish(bytes('room'))
  const [subscribed] = alice.heard('subscribed')
  await bob.publish(bytes('guess'), { channel: subscribed?.channel ?? 0 })
  expect(bob.heard('refused').at(-1)?.reason).toBe('unknown-channel')
  expect(bob.delivered).toHaveLength(1)
  const id = randomMessage()
  await alice.signal(bytes('typing'), { id })
  expect(alice.heard('refused')).toEqual([{ type: 'refused', id, reason: 'denied' }])
})
