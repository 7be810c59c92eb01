import { createHub, createMemoryEngine, DEFAULT_LIMITS } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import { encodeMessage } from '@conclave/wire'
import { expect, test } from 'vitest'
import { AddressTable, toAddressKey } from '../../src/door/addresses.ts'
import { RateLimiter } from '../../src/limits/rate-limiter.ts'
import { createTestHub, gather, gatherThree, ORIGIN } from '../support.ts'

test('[H23] the burst passes, then the rate', () => {
  const limiter = new RateLimiter({ perSecond: 10, burst: 3 })
  const take = (nowMs: number): boolean => limiter.take(nowMs)
  expect([0, 0, 0, 0].map(take)).toEqual([true, true, true, false])
  expect([99, 100, 101].map(take)).toEqual([false, true, false])
  expect([1000, 1000, 1000, 1000].map(take)).toEqual([true, true, true, false])
  expect(new RateLimiter({ perSecond: 10, burst: 3 }).take(0, 4)).toBe(false)
})

test('[H23] messages beyond the rate are refused, and pass again later', async () => {
  const { hub, clock } = createTestHub({ limits: { publishBurst: 5, publishPerSecond: 10 } })
  const { ada, bob } = await gatherThree(hub)
  clock.advance(1000)
  const ids = [0, 1, 2, 3, 4, 5, 6].map(() => ada.publish(new Uint8Array(1)))
  const [sixth, seventh] = [await ids[5], await ids[6]]
  expect(bob.delivered).toHaveLength(5)
  expect(ada.heard('refused')).toEqual([
    { type: 'refused', id: sixth, reason: 'rate' },
    { type: 'refused', id: seventh, reason: 'rate' },
  ])
  clock.advance(200)
  await ada.publish(new Uint8Array(1))
  await ada.publish(new Uint8Array(1))
  expect(bob.delivered).toHaveLength(7)
  expect(ada.end).toBeUndefined()
})

test('[H23] bytes beyond the rate are refused, whatever their number', async () => {
  const { hub, clock } = createTestHub({ limits: { bytesBurst: 262_144, bytesPerSecond: 65_584 } })
  const { ada, bob } = await gatherThree(hub)
  clock.advance(10_000)
  for (let times = 0; times < 5; times += 1) await ada.publish(new Uint8Array(65_536))
  expect(bob.delivered).toHaveLength(3)
  expect(ada.heard('refused').map(({ reason }) => reason)).toEqual(['rate', 'rate'])
  clock.advance(1000)
  await ada.publish(new Uint8Array(65_536))
  expect(bob.delivered).toHaveLength(4)
})

test('[H23] a client that keeps the limits of joined is never refused', async () => {
  const { hub, clock } = createTestHub()
  const { ada, bob } = await gatherThree(hub)
  const limits = ada.heard('joined')[0]?.limits
  clock.advance(60_000)
  const count = 200
  for (let second = 0; second < 20; second += 1) {
    for (let index = 0; index < (limits?.publishPerSecond ?? 0); index += 1)
      await ada.publish(new Uint8Array(count))
    clock.advance(1000)
  }
  expect(bob.delivered).toHaveLength(20 * (limits?.publishPerSecond ?? 0))
  expect(ada.heard('refused')).toEqual([])
})

test('[H24] a flood is dropped first, and ends with 4429 when it goes on', async () => {
  const { hub, clock } = createTestHub()
  const { ada, bob } = await gatherThree(hub)
  const { publishBurst, dropBurst } = DEFAULT_LIMITS
  clock.advance(60_000)
  for (let index = 0; index < publishBurst + dropBurst; index += 1)
    await ada.publish(new Uint8Array(1))
  expect(ada.end).toBeUndefined()
  expect(bob.delivered).toHaveLength(publishBurst)
  await ada.publish(new Uint8Array(1))
  expect(ada.end).toEqual({ code: 4429, reason: 'rate' })
  expect(bob.heard('participantLeft')).toMatchObject([
    { participant: ada.participant, reason: 'lost' },
  ])
  expect(bob.end).toBeUndefined()
})

test('[H24] malformed messages at a slow pace never end a connection, messages to absent ones neither', async () => {
  const { hub, clock } = createTestHub()
  const { ada, bob, eve } = await gatherThree(hub)
  eve.close()
  for (let second = 0; second < 600; second += 1) {
    await ada.connection.receive('malformed')
    await bob.publish(new Uint8Array(1), { to: eve.participant })
    clock.advance(1000)
  }
  expect([ada.end, bob.end]).toEqual([undefined, undefined])
  expect(bob.heard('refused')).toHaveLength(600)
})

test('[H25] who does not read is ended before more than the bound is queued', async () => {
  const { hub } = createTestHub()
  const { ada, bob, eve } = await gatherThree(hub)
  eve.bufferedBytes = DEFAULT_LIMITS.outboundHardBytes - 60_000
  await ada.publish(new Uint8Array(50_000))
  expect(eve.delivered).toHaveLength(1)
  eve.bufferedBytes += 50_048
  await ada.publish(new Uint8Array(50_000))
  expect(eve.delivered).toHaveLength(1)
  expect(eve.end).toEqual({ code: 4408, reason: 'slow-consumer' })
  expect(bob.delivered).toHaveLength(2)
})

test('[H25] a queue that stays long for 10 s ends the connection, one that gets shorter does not', async () => {
  const { hub, clock } = createTestHub()
  const { ada, bob, eve } = await gatherThree(hub)
  bob.bufferedBytes = eve.bufferedBytes = DEFAULT_LIMITS.outboundSoftBytes + 1
  await ada.publish(new Uint8Array(1))
  clock.advance(6000)
  eve.bufferedBytes = 0
  await ada.publish(new Uint8Array(1))
  eve.bufferedBytes = DEFAULT_LIMITS.outboundSoftBytes + 1
  clock.advance(4001)
  await ada.publish(new Uint8Array(1))
  expect(bob.end?.code).toBe(4408)
  expect(eve.end).toBeUndefined()
})

test('[H26] a connection is pinged every 30 s and dropped when it stays silent for 10 s', async () => {
  const { hub, clock } = createTestHub()
  const { ada, bob, eve } = await gatherThree(hub)
  for (const client of [ada, bob, eve]) client.isAnswering = false
  clock.advance(30_000)
  expect([ada.pings, bob.pings, eve.pings]).toEqual([1, 1, 1])
  clock.advance(5000)
  ada.connection.heard()
  await bob.say({ type: 'ping', id: 1 })
  clock.advance(5000)
  expect([ada.isTerminated, bob.isTerminated, eve.isTerminated]).toEqual([false, false, true])
  expect(ada.heard('participantLeft')).toMatchObject([
    { participant: eve.participant, reason: 'lost' },
  ])
  clock.advance(20_000)
  expect([ada.pings, bob.pings]).toEqual([2, 2])
})

test('[H6] an IPv6 address counts with its /64', () => {
  expect(toAddressKey('192.0.2.7')).toBe('192.0.2.7')
  expect(toAddressKey('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(toAddressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(toAddressKey('2001:0DB8:1:2::9')).toBe('2001:db8:1:2::/64')
  expect(toAddressKey('2001:db8::9')).toBe('2001:db8:0:0::/64')
  expect(toAddressKey('::1')).toBe('0:0:0:0::/64')
  expect(toAddressKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
})

test('[H6] addresses are bounded, and forgotten when nothing is known of them', () => {
  const table = new AddressTable({
    ...DEFAULT_LIMITS,
    addresses: 3,
    attemptBurst: 1,
    attemptsPerSecond: 1,
  })
  expect(['a', 'b', 'c', 'd'].map((address) => table.attempt(address, 0))).toEqual([
    'ok',
    'ok',
    'ok',
    'too-many-addresses',
  ])
  const release = table.opened('a')
  expect(table.attempt('d', 5000)).toBe('ok')
  expect(table.size).toBe(2)
  expect(table.mayConnect('a')).toBe(true)
  release()
  expect(table.attempt('e', 5000)).toBe('ok')
  expect(table.attempt('f', 5500)).toBe('too-many-addresses')
})

test('[H6] connections of an address and of the hub are bounded', () => {
  const { hub, clock } = createTestHub({
    limits: { connectionsPerAddress: 2, connections: 3, attemptBurst: 100 },
  })
  const admit = (address: string): number => {
    const admission = hub.admit({
      target: '/hub',
      host: 'meet.example',
      origin: ORIGIN,
      protocols: 'conclave.v1',
      address,
    })
    return admission.type === 'refused' ? admission.status : 101
  }
  expect(admit('a')).toBe(101)
  const first = new MemoryClient(hub, { address: 'a' })
  const second = new MemoryClient(hub, { address: 'a' })
  expect(admit('a')).toBe(429)
  expect(admit('b')).toBe(101)
  const third = new MemoryClient(hub, { address: 'b' })
  expect(admit('b')).toBe(503)
  first.close()
  expect(admit('b')).toBe(101)
  expect(admit('a')).toBe(101)
  clock.advance(1)
  second.close()
  third.close()
  expect(hub.stats().connections).toBe(0)
})

test('[H6] limits that make no sense are programming errors', () => {
  const create =
    (limits: object): (() => unknown) =>
    () =>
      createHub({ engine: createMemoryEngine(), origins: [ORIGIN], limits })
  for (const limits of [
    { publishBurst: 0 },
    { publishBurst: -1 },
    { publishBurst: 1.5 },
    { publishBurst: Number.NaN },
    { maxPayloadBytes: 65_537 },
    { maxParticipants: 514 },
    { bytesBurst: 1000 },
  ]) {
    expect(create(limits)).toThrow(RangeError)
  }
  expect(create({ publishBurst: 1 })).not.toThrow()
})

test('[H28] draining ends all with 4503 and resolves when they are gone', async () => {
  const { hub } = createTestHub()
  const { clients } = await gather(hub, 3)
  let isDrained = false
  const drained = hub.close().then(() => (isDrained = true))
  expect(clients.map(({ end }) => end)).toEqual(Array(3).fill({ code: 4503, reason: 'draining' }))
  expect(hub.state).toBe('draining')
  await Promise.resolve()
  expect(isDrained).toBe(false)
  for (const client of clients) client.close(4503)
  await drained
  const late = new MemoryClient(hub)
  expect(late.end?.code).toBe(4503)
  expect(
    hub.admit({
      target: '/hub',
      host: 'meet.example',
      origin: ORIGIN,
      protocols: 'conclave.v1',
      address: 'a',
    }),
  ).toMatchObject({ status: 503 })
})

test('[H27] messages after the end of a connection change nothing', async () => {
  const { hub } = createTestHub()
  const { ada, bob } = await gatherThree(hub)
  ada.bufferedBytes = 2_000_000
  await bob.publish(new Uint8Array(1))
  expect(ada.end?.code).toBe(4408)
  const { length } = bob.order
  await ada.connection.receive(encodeMessage({ type: 'ping', id: 1 }))
  ada.connection.heard()
  expect(ada.heard('pong')).toEqual([])
  expect(bob.order).toHaveLength(length)
})
