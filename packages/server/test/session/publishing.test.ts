import { createMemoryEngine, DEFAULT_LIMITS } from '@conclave/server'
import type { Engine, EngineMessage, PublishResult } from '@conclave/server'
import { expect, test } from 'vitest'
import { createTestHub, gather } from '../support.ts'

/** An engine that answers publishes when the test lets it. */
function createStalledEngine(): {
  readonly engine: Engine
  readonly state: { answers: 'now' | 'later' | 'never' }
  release(): void
} {
  const inner = createMemoryEngine()
  const state: { answers: 'now' | 'later' | 'never' } = { answers: 'now' }
  const waiting: (() => void)[] = []
  const answer = async (publish: () => Promise<PublishResult>): Promise<PublishResult> => {
    if (state.answers === 'never') throw new Error('canary')
    if (state.answers === 'later') await new Promise<void>((resolve) => waiting.push(resolve))
    return publish()
  }
  const engine: Engine = {
    attach: async (room, listener) => {
      const channel = await inner.attach(room, listener)
      return {
        ...channel,
        publish: (message: EngineMessage) => answer(() => channel.publish(message)),
      }
    },
    close: () => inner.close(),
  }
  return {
    engine,
    state,
    release: () => {
      for (const resolve of waiting.splice(0)) resolve()
    },
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('[H39] while the engine stands still the hub stops reading: nothing is refused, and nobody is disconnected', async () => {
  const { engine, state, release } = createStalledEngine()
  const { hub, clock } = createTestHub({ engine })
  const { clients } = await gather(hub, 2)
  const [alice, bob] = clients as [(typeof clients)[0], (typeof clients)[0]]
  clock.advance(60_000)
  state.answers = 'later'
  const { publishBurst, publishPerSecond, publishesInFlight } = DEFAULT_LIMITS
  const said: Promise<unknown>[] = []
  for (let n = 0; n < publishBurst; n += 1) said.push(alice.publish(new Uint8Array(1)))
  for (let second = 0; second < 60; second += 1) {
    clock.advance(1000)
    if (second >= 5) continue
    for (let n = 0; n < publishPerSecond; n += 1) said.push(alice.publish(new Uint8Array(1)))
  }
  expect(alice.isPaused).toBe(true)
  expect(hub.stats().pauses).toBe(1)
  expect(bob.isPaused).toBe(false)
  // It hears that the hub lives.
  expect(alice.heard('pong').length).toBeGreaterThan(15)
  state.answers = 'now'
  release()
  await Promise.all(said)
  expect(said.length).toBeGreaterThan(publishesInFlight)
  expect(bob.delivered).toHaveLength(said.length)
  expect(alice.acks).toHaveLength(said.length)
  expect(alice.heard('refused')).toEqual([])
  expect(
    [alice, bob].map(({ end, isTerminated, isPaused }) => [end, isTerminated, isPaused]),
  ).toEqual([
    [undefined, false, false],
    [undefined, false, false],
  ])
})

test('[H39] a message that the engine did not take is given to it again, and the connection is kept', async () => {
  const { engine, state } = createStalledEngine()
  const { hub, clock, lines } = createTestHub({ engine })
  const { clients } = await gather(hub, 2)
  const [alice, bob] = clients as [(typeof clients)[0], (typeof clients)[0]]
  state.answers = 'never'
  const first = alice.publish(new Uint8Array([1]))
  await settle()
  expect(alice.isPaused).toBe(true)
  const second = alice.publish(new Uint8Array([2]))
  for (let times = 0; times < 10; times += 1) {
    clock.advance(1000)
    await settle()
  }
  expect(bob.delivered).toEqual([])
  state.answers = 'now'
  clock.advance(1000)
  await Promise.all([first, second])
  expect(bob.delivered.map(({ payload }) => [...payload])).toEqual([[1], [2]])
  expect([alice.end, alice.isTerminated, alice.isPaused]).toEqual([undefined, false, false])
  expect(lines.filter((line) => line.includes('"part":"engine"'))).toHaveLength(1)
  expect(lines.join('\n')).not.toContain('canary')
})

test('[H39] a message of a connection that ended is not given again', async () => {
  const { engine, state } = createStalledEngine()
  const { hub, clock } = createTestHub({ engine })
  const { clients } = await gather(hub, 2)
  const [alice, bob] = clients as [(typeof clients)[0], (typeof clients)[0]]
  state.answers = 'never'
  const said = alice.publish(new Uint8Array([1]))
  await settle()
  alice.close()
  state.answers = 'now'
  clock.advance(1000)
  await said
  expect(bob.delivered).toEqual([])
  expect(alice.acks).toEqual([])
})

test('[H39, H44] bytes that wait for the engine are bounded for a connection, and for all', async () => {
  const { engine, state, release } = createStalledEngine()
  const { bytesBurst } = DEFAULT_LIMITS
  const { hub, clock } = createTestHub({ engine, limits: { inboundTotalBytes: 2 * bytesBurst } })
  const { clients } = await gather(hub, 4)
  clock.advance(60_000)
  state.answers = 'later'
  const said = clients.flatMap((client) =>
    Array.from({ length: 7 }, () => client.publish(new Uint8Array(60_000))),
  )
  await settle()
  expect(clients.filter(({ isPaused }) => isPaused).length).toBeGreaterThan(0)
  while (clients.some(({ isPaused }) => isPaused)) {
    release()
    await settle()
  }
  state.answers = 'now'
  release()
  await Promise.all(said)
  expect(clients.map(({ delivered }) => delivered.length)).toEqual([21, 21, 21, 21])
})
