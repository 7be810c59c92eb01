import { MemoryClient, createTestRoom, createTestSession } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { createTestHub } from '../support.ts'

const join = async (
  hub: ReturnType<typeof createTestHub>['hub'],
  { room, address }: { room: Awaited<ReturnType<typeof createTestRoom>>; address: string },
) => {
  const client = new MemoryClient(hub, { address })
  const isIn = (await client.join(room)) !== undefined
  return { client, isIn }
}

test('[H6] one address takes three quarters of the places of a room, so that others come in', async () => {
  const { hub } = createTestHub({ limits: { maxParticipants: 8 } })
  const room = await createTestRoom()
  const flood = []
  for (let n = 0; n < 12; n += 1) flood.push(await join(hub, { room, address: '192.0.2.7' }))
  expect(flood.filter(({ isIn }) => isIn)).toHaveLength(6)
  expect(flood.at(-1)?.client.end?.code).toBe(4403)
  const others = []
  for (const address of ['192.0.2.8', '2001:db8::1', '2001:db8::2']) {
    others.push(await join(hub, { room, address }))
  }
  expect(others.map(({ isIn }) => isIn)).toEqual([true, true, false])
  // A place that is left is free again; another room has its own places.
  flood[0]?.client.close()
  expect((await join(hub, { room, address: '192.0.2.7' })).isIn).toBe(true)
  expect((await join(hub, { room: await createTestRoom(), address: '192.0.2.7' })).isIn).toBe(true)
})

test('[H6] a participant that comes again before its earlier connection is gone takes its own place', async () => {
  const { hub } = createTestHub({ limits: { maxParticipants: 2, roomPercentOfAddress: 50 } })
  const [room, session] = [await createTestRoom(), await createTestSession()]
  const first = new MemoryClient(hub, { address: '192.0.2.7', session })
  expect(await first.join(room)).toBeDefined()
  const second = new MemoryClient(hub, { address: '192.0.2.7', session })
  expect(await second.join(room)).toBeDefined()
  first.close()
  expect((await join(hub, { room, address: '192.0.2.7' })).isIn).toBe(false)
  second.close()
  expect((await join(hub, { room, address: '192.0.2.7' })).isIn).toBe(true)
})

test('[H6] the own machine of a hub, where proxies stand, takes all places', async () => {
  const { hub } = createTestHub({ limits: { maxParticipants: 3 } })
  const room = await createTestRoom()
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    expect((await join(hub, { room, address })).isIn).toBe(true)
  }
})
