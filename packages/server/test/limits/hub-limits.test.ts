import { createHub, createMemoryEngine, DEFAULT_LIMITS } from '@conclave/server'
import type { HubLimits } from '@conclave/server'
import { expect, test } from 'vitest'
import { createTestHub, gather, ORIGIN } from '../support.ts'

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
    { maxParticipants: 1026 },
    { bytesBurst: 1000 },
  ]) {
    expect(create(limits)).toThrow(RangeError)
  }
  expect(create({ publishBurst: 1 })).not.toThrow()
})

const misfits: readonly (readonly [keyof HubLimits, keyof HubLimits, Partial<HubLimits>])[] = [
  ['outboundHardBytes', 'bytesBurst', { bytesBurst: DEFAULT_LIMITS.outboundHardBytes / 2 + 1 }],
  ['outboundHardBytes', 'bytesBurst', { outboundHardBytes: 2 * DEFAULT_LIMITS.bytesBurst - 1 }],
  ['outboundHardBytes', 'maxParticipants', { maxParticipants: 130 }],
  ['outboundTotalBytes', 'outboundHardBytes', { outboundTotalBytes: 16_777_215 }],
  ['inboundTotalBytes', 'bytesBurst', { inboundTotalBytes: 1_048_575 }],
  ['memoryBytes', 'connections', { connections: 14_000 }],
  ['memoryBytes', 'connections', { outboundTotalBytes: 400_000_000 }],
  ['memoryBytes', 'connections', { subscriptions: 70_000 }],
  ['memoryBytes', 'connections', { guardedChannels: 40_000 }],
  ['memoryBytes', 'connections', { presenceInfoBytes: 67_108_864 }],
  ['publishesPerUser', 'publishPerSecond', { publishesPerUser: 49 }],
  ['publishBurstPerUser', 'publishBurst', { publishBurstPerUser: 499 }],
  ['publishesPerChannel', 'publishesPerUser', { publishesPerChannel: 99 }],
  ['publishBurstPerChannel', 'publishBurstPerUser', { publishBurstPerChannel: 999 }],
  ['subscriptionsPerUser', 'subscriptionsPerConnection', { subscriptionsPerUser: 99 }],
  ['subscriptions', 'subscribersPerChannel', { subscriptions: 9999 }],
  ['publishesInFlight', 'publishBurst', { publishBurst: 513 }],
  ['pingIntervalMs', 'pongDeadlineMs', { pongDeadlineMs: 5001 }],
]

test.each(misfits)(
  '[H34] a hub whose %s is too small for its %s does not start: %j',
  (limit, neighbour, limits) => {
    const start = (): unknown =>
      createHub({ engine: createMemoryEngine(), origins: [ORIGIN], limits })
    expect(start).toThrow(
      expect.objectContaining({
        code: 'ERR_SERVER_LIMITS',
        details: expect.objectContaining({ limit, neighbour }),
        message: expect.stringMatching(
          new RegExp(`${limit}" is \\d+, but "limits.${neighbour}" requires \\d+`),
        ),
      }),
    )
  },
)

test('[H34] limits that are exactly large enough fit', () => {
  const limits = {
    outboundHardBytes: 2 * DEFAULT_LIMITS.bytesBurst,
    outboundTotalBytes: 4 * DEFAULT_LIMITS.bytesBurst,
    inboundTotalBytes: 2 * DEFAULT_LIMITS.bytesBurst,
    publishBurst: DEFAULT_LIMITS.publishesInFlight,
    pongDeadlineMs: DEFAULT_LIMITS.pingIntervalMs,
  }
  const hub = createHub({ engine: createMemoryEngine(), origins: [ORIGIN], limits })
  expect(hub.limits).toMatchObject(limits)
})

test('[H34] limits of users and channels follow those of connections, unless they are named', () => {
  const limits = { publishPerSecond: 5000, subscriptionsPerConnection: 300 }
  const hub = createHub({ engine: createMemoryEngine(), origins: [ORIGIN], limits })
  expect(hub.limits).toMatchObject({
    ...{ publishesPerUser: 5000, publishesPerChannel: 5000, subscriptionsPerUser: 300 },
    ...{ publishBurstPerUser: 1000, publishBurstPerChannel: 2000 },
  })
})

test('[H34] a room of 64 that says something at once fits the limits, and is listed as a whole', async () => {
  const { hub } = createTestHub({ limits: { maxParticipants: 64, roomPercentOfAddress: 100 } })
  const { clients } = await gather(hub, 64)
  const [joined] = clients.at(-1)?.heard('joined') ?? []
  expect(joined?.participants).toHaveLength(63)
  expect(joined?.limits.maxParticipants).toBe(64)
  for (const client of clients) await client.publish(new Uint8Array(1))
  expect(clients.every(({ delivered, end }) => delivered.length === 63 && end === undefined)).toBe(
    true,
  )
  const [first] = clients
  if (first === undefined) throw new Error('unreachable')
  expect(new Set(first.heard('participantJoined')).size).toBe(63)
})

test('[W25] a hub names the limits of guarded channels', async () => {
  const { hub } = createTestHub()
  const { clients } = await gather(hub, 1)
  expect(clients[0]?.heard('joined')[0]?.limits).toMatchObject({
    ...{ subscriptionsPerConnection: 100, publishesPerUser: 100, publishBurstPerUser: 1000 },
    ...{ signalPerSecond: 50, signalBurst: 100 },
  })
})
