import { createHub, createMemoryEngine } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { createTestHub, gather, ORIGIN } from './support.ts'

test('[H28] draining ends all connections with 4503 and resolves when they are closed', async () => {
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

test('[H60] a hub of which no host is known does not start, and patterns and functions name none', () => {
  const origins = ['https://*.meet.example', 'capacitor://localhost', () => true]
  const create = (hosts?: readonly string[]) =>
    createHub({ engine: createMemoryEngine(), origins, ...(hosts && { hosts }) })
  expect(() => create()).toThrow('"hosts" expected the host of the hub')
  const hub = create(['meet.example'])
  expect(hub.origins).toEqual(['capacitor://localhost'])
  const request = { target: '/hub', host: 'meet.example', protocols: 'conclave.v1', address: 'a' }
  expect(hub.admit({ ...request, origin: 'null' })).toEqual({ type: 'admitted' })
})
