import { VirtualClock } from '@conclave/base/testing'
import { DEFAULT_LIMITS } from '@conclave/server'
import { expect, test } from 'vitest'
import { InboundLimits } from '../../src/limits/inbound-limits.ts'
import { createTestHub, gatherThree } from '../support.ts'

test('[H23] the burst passes, then the rate', () => {
  const clock = new VirtualClock(0)
  const limits = { ...DEFAULT_LIMITS, publishPerSecond: 10, publishBurst: 3 }
  const inbound = new InboundLimits(limits, clock)
  const countAt = (nowMs: number): boolean => {
    clock.advance(nowMs - clock.now())
    return inbound.countMessage(1)
  }
  expect([0, 0, 0, 0].map(countAt)).toEqual([true, true, true, false])
  expect([99, 100, 101].map(countAt)).toEqual([false, true, false])
  expect([1000, 1000, 1000, 1000].map(countAt)).toEqual([true, true, true, false])
})

test('[H23] a message larger than the burst costs the whole burst', () => {
  const clock = new VirtualClock()
  const limits = { ...DEFAULT_LIMITS, bytesPerSecond: 100, bytesBurst: 1000 }
  const inbound = new InboundLimits(limits, clock)
  expect(inbound.countMessage(5000)).toBe(true)
  expect(inbound.countMessage(1)).toBe(false)
  clock.advance(10)
  expect(inbound.countMessage(1)).toBe(true)
})

test('[H23] messages beyond the rate are refused, and pass again later', async () => {
  const { hub, clock } = createTestHub({ limits: { publishBurst: 5, publishPerSecond: 10 } })
  const { alice, bob } = await gatherThree(hub)
  clock.advance(1000)
  const ids = [0, 1, 2, 3, 4, 5, 6].map(() => alice.publish(new Uint8Array(1)))
  const [sixth, seventh] = [await ids[5], await ids[6]]
  expect(bob.delivered).toHaveLength(5)
  expect(alice.heard('refused')).toEqual([
    { type: 'refused', id: sixth, reason: 'rate' },
    { type: 'refused', id: seventh, reason: 'rate' },
  ])
  clock.advance(200)
  await alice.publish(new Uint8Array(1))
  await alice.publish(new Uint8Array(1))
  expect(bob.delivered).toHaveLength(7)
  expect(alice.end).toBeUndefined()
})

test('[H23] bytes beyond the rate are refused, whatever their number', async () => {
  const { hub, clock } = createTestHub({ limits: { bytesBurst: 262_144, bytesPerSecond: 65_584 } })
  const { alice, bob } = await gatherThree(hub)
  clock.advance(10_000)
  for (let times = 0; times < 5; times += 1) await alice.publish(new Uint8Array(65_536))
  expect(bob.delivered).toHaveLength(3)
  expect(alice.heard('refused').map(({ reason }) => reason)).toEqual(['rate', 'rate'])
  clock.advance(1000)
  await alice.publish(new Uint8Array(65_536))
  expect(bob.delivered).toHaveLength(4)
})

test('[H23] a client that keeps the limits of joined is never refused', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob } = await gatherThree(hub)
  const limits = alice.heard('joined')[0]?.limits
  clock.advance(60_000)
  const count = 200
  for (let second = 0; second < 20; second += 1) {
    for (let index = 0; index < (limits?.publishPerSecond ?? 0); index += 1)
      await alice.publish(new Uint8Array(count))
    clock.advance(1000)
  }
  expect(bob.delivered).toHaveLength(20 * (limits?.publishPerSecond ?? 0))
  expect(alice.heard('refused')).toEqual([])
})

test('[H24] a flood is dropped first, and ends the connection with 4429 when it continues', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob } = await gatherThree(hub)
  const { publishBurst, dropBurst } = DEFAULT_LIMITS
  clock.advance(60_000)
  for (let index = 0; index < publishBurst + dropBurst; index += 1)
    await alice.publish(new Uint8Array(1))
  expect(alice.end).toBeUndefined()
  expect(bob.delivered).toHaveLength(publishBurst)
  await alice.publish(new Uint8Array(1))
  expect(alice.end).toEqual({ code: 4429, reason: 'rate' })
  expect(bob.heard('participantLeft')).toMatchObject([
    { participant: alice.participant, reason: 'lost' },
  ])
  expect(bob.end).toBeUndefined()
})

test('[H24] malformed messages at a slow pace never end a connection, messages to absent ones neither', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  eve.close()
  for (let second = 0; second < 600; second += 1) {
    await alice.connection.receive('malformed')
    await bob.publish(new Uint8Array(1), { to: eve.participant })
    clock.advance(1000)
  }
  expect([alice.end, bob.end]).toEqual([undefined, undefined])
  expect(bob.heard('refused')).toHaveLength(600)
})
