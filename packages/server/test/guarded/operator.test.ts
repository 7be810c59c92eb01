import { createMemoryEngine } from '@conclave/server'
import type { Engine, GuardedEvent } from '@conclave/server'
import { VirtualClock } from '@conclave/base/testing'
import { MemoryClient, randomMessage } from '@conclave/server/testing'
import { SERVER_SENDER } from '@conclave/wire'
import type { ChannelName } from '@conclave/wire'
import { expect, test } from 'vitest'
import { metricsText } from '../../src/ops/metrics.ts'
import { bytes, createTestHub } from '../support.ts'
import { createGuardedHub, enter, PRESENCE, PRIVATE, settle } from './support.ts'

const channel = PRESENCE as ChannelName
const at = { app: '', channel }

test('[G30] the program publishes messages and signals as the server', async () => {
  const { hub } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone')
  const id = randomMessage()
  const payload = bytes('hello')
  expect(await hub.channels.publish({ ...at, id, payload })).toBe('sent')
  expect(await hub.channels.publish({ ...at, id, payload })).toBe('sent')
  expect(await hub.channels.publish({ ...at, id, payload, isSignal: true })).toBe('sent')
  const { channel: handle } = alice
  const from = SERVER_SENDER
  expect(alice.delivered).toEqual([
    { type: 'deliver', channel: handle, position: 1n, id, from, payload },
  ])
  expect(alice.signalled).toEqual([{ type: 'signalled', channel: handle, id, from, payload }])
  await expect(hub.channels.publish({ ...at, id, payload: new Uint8Array() })).rejects.toThrow(
    RangeError,
  )
})

test('[G30] a message to a channel without anybody is sent and forgotten', async () => {
  const { hub } = createGuardedHub()
  const payload = bytes('hello')
  expect(await hub.channels.publish({ ...at, id: randomMessage(), payload })).toBe('sent')
  await settle()
  expect(hub.stats().guardedChannels).toBe(0)
  const alice = await enter(hub, 'alice.phone')
  expect(alice.delivered).toEqual([])
  expect(hub.channels.members({ ...at, channel: PRIVATE as ChannelName })).toEqual({
    ...{ members: [], total: 0, next: '' },
  })
})

test('[G30] an engine that is away is said, and its error is not', async () => {
  const inner = createMemoryEngine({ clock: new VirtualClock() })
  const engine: Engine = { ...inner, attach: () => Promise.reject(new Error('canary')) }
  const { hub, lines } = createTestHub({ engine })
  const payload = bytes('hello')
  expect(await hub.channels.publish({ ...at, id: randomMessage(), payload })).toBe('unavailable')
  expect(lines.join()).not.toContain('canary')
})

test('[G30] the program reads members and hears what happens', async () => {
  const { hub, clock } = createGuardedHub()
  const events: GuardedEvent[] = []
  const stop = hub.channels.watch((event) => events.push(event))
  const alice = await enter(hub, 'alice.phone')
  const bob = await enter(hub, 'bob.laptop')
  const [id] = alice.heard('subscribed').map(({ member }) => member)
  const { members, total } = hub.channels.members({ ...at, limit: 1 })
  expect([members.length, total]).toEqual([1, 2])
  const after = members[0]?.id
  const rest = hub.channels.members({ ...at, ...(after === undefined ? {} : { after }) })
  expect([rest.members.length, rest.next]).toEqual([1, ''])
  bob.close(1000)
  alice.close(1006)
  await settle()
  clock.advance(7999)
  const told = (): string[] => events.map(({ type, member }) => `${type} ${member?.user ?? ''}`)
  const first = ['occupied ', 'memberAdded alice', 'memberAdded bob', 'memberRemoved bob']
  expect(told().toSorted()).toEqual(first.toSorted())
  clock.advance(1)
  expect(told().slice(4)).toEqual(['memberRemoved alice', 'vacated '])
  expect(events.at(-2)).toMatchObject({ ...at, member: { id, device: 'phone' } })
  stop()
  await enter(hub, 'alice.phone')
  expect(events).toHaveLength(6)
})

test('[G31, H55] metrics count what happens, and they and the log name nobody', async () => {
  const { hub, clock, lines } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone')
  await enter(hub, 'bob.laptop')
  await alice.signal(bytes('typing'))
  await new MemoryClient(hub).subscribe(PRIVATE)
  clock.advance(1)
  hub.channels.revoke({ type: 'kick', app: '', user: 'bob' })
  const process = { residentBytes: 1, heapBytes: 1, startedS: 1, cpuS: 1 }
  const text = metricsText(hub, { ...process, lag: { p50: 0, p99: 0, max: 0 } })
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      'conclave_guarded_channels 1',
      'conclave_subscriptions 1',
      'conclave_limit{of="subscriptions"} 20000',
      'conclave_decisions_total{answer="granted"} 2',
      'conclave_decisions_total{answer="denied"} 1',
      'conclave_grants_ended_total{reason="kicked"} 1',
      'conclave_signals_total{fate="sent"} 1',
    ]),
  )
  alice.close(1006)
  for (const written of [text, ...lines]) expect(written).not.toMatch(/alice|bob|phone|lobby/)
  expect(lines).not.toEqual([])
})

test('[G34] only who may call learns the servers for calls', async () => {
  const iceServers = [{ urls: 'stun:relay.example:3478' }]
  const { hub } = createGuardedHub({ iceServers })
  const alice = await enter(hub, 'alice.phone')
  const bob = new MemoryClient(hub)
  await bob.subscribe(PRESENCE, { token: 'bob.laptop', wants: ['subscribe', 'call'] })
  expect(alice.heard('iceServers')).toEqual([])
  expect(bob.order.slice(0, 3)).toEqual(['challenge', 'subscribed', 'iceServers'])
  expect(bob.heard('iceServers')).toMatchObject([{ channel: bob.channel }])
})

test('[G33] clients are told when to come again before they are sent away', async () => {
  const { hub, clock } = createGuardedHub()
  const clients = await Promise.all(Array.from({ length: 200 }, (_, n) => enter(hub, `user${n}.x`)))
  void hub.drain({ overMs: 8000 })
  clock.advance(8000)
  const delays = clients.flatMap((client) => client.heard('goodbye').map(({ afterMs }) => afterMs))
  expect(clients.every(({ order }) => order.at(-1) === 'goodbye')).toBe(true)
  expect(clients.every(({ end }) => end?.code === 4503)).toBe(true)
  expect(Math.max(...delays)).toBeLessThan(2000)
  expect(new Set(delays).size).toBeGreaterThan(100)
})

test('[G17, H28] a hub that goes away waits for nobody', async () => {
  const { hub, clock } = createGuardedHub()
  const events: string[] = []
  hub.channels.watch(({ type }) => events.push(type))
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  alice.close(1006)
  await settle()
  void hub.drain()
  bob.close(4503)
  await settle()
  expect(hub.stats()).toMatchObject({ guardedChannels: 0, subscriptions: 0 })
  expect(events.at(-1)).toBe('vacated')
  expect(clock.pending).toBe(0)
})
