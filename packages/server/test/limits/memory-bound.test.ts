import { VirtualClock } from '@conclave/base/testing'
import { createHub, createMemoryEngine, DEFAULT_LIMITS } from '@conclave/server'
import { expect, test } from 'vitest'
import { DedupePool, DedupeWindow } from '../../src/engine/dedupe-window.ts'
import { memoryBound, tlsBound } from '../../src/limits/memory-bound.ts'
import { MemoryPool } from '../../src/limits/memory-pool.ts'
import type { PoolHolder } from '../../src/limits/memory-pool.ts'
import { createTestHub, gather, ORIGIN } from '../support.ts'
import { MemoryClient, randomMessage, randomParticipant } from '@conclave/server/testing'

test('[H44] the bounds of everything add up to a number below 1.25 GiB by default, of which less than 1 GiB is heap, and a hub with less memory does not start', () => {
  const bound = memoryBound(DEFAULT_LIMITS)
  expect(bound).toBeGreaterThan(DEFAULT_LIMITS.outboundTotalBytes)
  // Not to the last byte: a table that is measured again must find place.
  const spare = 16 * 2 ** 20
  expect(bound).toBeLessThanOrEqual(1.25 * 2 ** 30 - spare)
  expect(DEFAULT_LIMITS.memoryBytes).toBe(1.25 * 2 ** 30)
  const { outboundTotalBytes, inboundTotalBytes } = DEFAULT_LIMITS
  expect(bound - outboundTotalBytes - inboundTotalBytes).toBeLessThanOrEqual(2 ** 30 - spare)
  const start = (): unknown =>
    createHub({
      engine: createMemoryEngine(),
      origins: [ORIGIN],
      limits: { memoryBytes: bound - 1 },
    })
  expect(start).toThrow(expect.objectContaining({ code: 'ERR_SERVER_LIMITS' }))
})

test('[H44] requests of the API, tickets and revocations count, and TLS beside them for each connection', () => {
  const { connections, sockets, outboundTotalBytes, inboundTotalBytes } = DEFAULT_LIMITS
  const rest = memoryBound(DEFAULT_LIMITS) - outboundTotalBytes - inboundTotalBytes
  const api = 128 * 131_072 * 3 + 65_536 * 300
  const access = 32_768 * 1100 + 65_536 * 500
  expect(rest).toBeGreaterThan(api + access + connections * 36_000)
  expect(tlsBound(DEFAULT_LIMITS)).toBe((connections + sockets) * 60_000)
})

test('[H44] of a pool each may hold as much as is left for the others, and what was given back counts', () => {
  const clock = new VirtualClock()
  const pool = new MemoryPool(1_000_000, clock)
  const sizes = new Map<PoolHolder, number>()
  const holder = (): PoolHolder => {
    const self: PoolHolder = { heldBytes: () => sizes.get(self) ?? 0 }
    return self
  }
  const hold = (self: PoolHolder, bytes: number): boolean => {
    const isHeld = pool.hold(self, bytes)
    if (isHeld) sizes.set(self, bytes)
    return isHeld
  }
  const [one, two, three] = [holder(), holder(), holder()]
  expect(hold(one, 500_001)).toBe(false)
  expect(hold(one, 500_000)).toBe(true)
  expect(hold(two, 300_000)).toBe(false)
  expect(hold(two, 250_000)).toBe(true)
  expect(hold(three, 8192)).toBe(true)
  expect(pool.usedBytes).toBe(750_000)
  // It got smaller and said nothing: that is found when space is short, ten times a second at most.
  sizes.set(one, 0)
  expect(hold(three, 300_000)).toBe(false)
  clock.advance(100)
  expect(hold(three, 300_000)).toBe(true)
  pool.release(two)
  pool.release(three)
  expect(pool.usedBytes).toBe(0)
})

test('[H21, H44] all rooms together remember a bounded number of messages: a busy one gives way to others', () => {
  const pool = new DedupePool(1000)
  const say = (window: DedupeWindow, count: number): void => {
    for (let n = 0; n < count; n += 1) {
      const key = { from: randomParticipant(), id: randomMessage() }
      window.add(key, { position: BigInt(n + 1), nowMs: 0 })
    }
  }
  const [busy, other, quiet] = [
    new DedupeWindow(pool),
    new DedupeWindow(pool),
    new DedupeWindow(pool),
  ]
  say(busy, 5000)
  expect(busy.size).toBe(500)
  say(other, 5000)
  say(busy, 100)
  expect(Math.abs(busy.size - other.size)).toBeLessThan(150)
  expect(pool.used).toBeLessThanOrEqual(1000)
  say(quiet, 10)
  expect(quiet.size).toBe(10)
  busy.clear()
  other.clear()
  quiet.forget(120_000)
  expect(pool.used).toBe(0)
})

test('[H21] messages are forgotten after 120 s also in a room where nothing more is said', async () => {
  const clock = new VirtualClock()
  const { hub } = createTestHub({ engine: createMemoryEngine({ clock }), clock })
  const { clients } = await gather(hub, 2)
  await clients[0]?.publish(new Uint8Array(1))
  const before = clock.pending
  clock.advance(160_000)
  // The clock of the engine runs while something is remembered, and no longer.
  expect(clock.pending).toBeLessThan(before)
})

test('[G48, H44] headers that are kept for a hook count among the bytes that wait', () => {
  const limits = { bytesBurst: 262_144, inboundTotalBytes: 524_288 }
  const { hub } = createTestHub({ limits, authorize: () => undefined })
  const clientWith = (headerBytes: number): MemoryClient => {
    const facts = { origin: ORIGIN, address: undefined, headerBytes, header: () => undefined }
    return new MemoryClient(hub, { facts })
  }
  const [bare, kept] = [clientWith(0), clientWith(8192)]
  bare.connection.holds(262_144)
  expect(bare.end).toBeUndefined()
  bare.connection.holds(0)
  kept.connection.holds(262_144)
  expect(kept.end?.code).toBe(4429)
})

test('[H45] an upgrade is refused while the process is short of memory or time', () => {
  const { hub, lines } = createTestHub()
  const request = {
    ...{ target: '/hub', host: 'meet.example', origin: ORIGIN },
    ...{ protocols: 'conclave.v1', address: '192.0.2.1' },
  }
  for (const overload of ['memory', 'lag'] as const) {
    expect(hub.admit({ ...request, overload })).toEqual({
      ...{ type: 'refused', status: 503, rule: overload, retryAfterS: 5 },
    })
    expect(lines.at(-1)).toContain(`"rule":"${overload}"`)
  }
  expect(hub.admit(request)).toEqual({ type: 'admitted' })
})
