import { CLOSE_CODES } from '@conclave/server'
import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { countWaves, drawWaves } from '../../src/ops/waves.ts'
import { createTestHub } from '../support.ts'

test('[H53] waves are as many as are worth it, and have all members once', () => {
  const waves = (connections: number): number => countWaves(connections, 3000)
  expect([0, 1, 99, 100, 500, 999, 5000].map(waves)).toEqual([1, 1, 1, 2, 10, 19, 20])
  expect(countWaves(5000, 0)).toBe(1)
  const members = Array.from({ length: 5000 }, (_, at) => at)
  const drawn = drawWaves(members, 20)
  expect(drawn.flat().toSorted((one, other) => one - other)).toEqual(members)
  for (const wave of drawn) expect(wave.length).toBeGreaterThan(100)
})

test('[H53, H51] many are sent away in waves within the time, newcomers are refused, and the hub is not ready', async () => {
  const { hub, clock, lines } = createTestHub({ limits: { connectionsPerAddress: 200 } })
  const clients = Array.from({ length: 200 }, () => new MemoryClient(hub))
  await clients[0]?.join(await createTestRoom())
  const gone = (): number => clients.filter(({ end }) => end !== undefined).length
  const drained = hub.drain({ overMs: 3000 })
  expect(hub.state).toBe('draining')
  const first = gone()
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThan(120)
  const request = { target: '/hub', host: 'meet.example', protocols: 'conclave.v1', address: '::1' }
  expect(hub.admit({ ...request, origin: 'https://meet.example' })).toMatchObject({ status: 503 })
  clock.advance(1500)
  expect(gone()).toBeGreaterThan(first)
  expect(gone()).toBeLessThan(200)
  clock.advance(1500)
  expect(gone()).toBe(200)
  expect(clients[0]?.end).toMatchObject({ code: CLOSE_CODES.draining.code })
  for (const client of clients) client.close()
  await drained
  expect(JSON.parse(lines.find((line) => line.includes('draining')) ?? '')).toMatchObject({
    waves: 4,
  })
})
