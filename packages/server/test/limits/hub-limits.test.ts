import { createHub, createMemoryEngine, DEFAULT_LIMITS } from '@conclave/server'
import type { HubLimits } from '@conclave/server'
import { expect, test } from 'vitest'
import { ORIGIN } from '../support.ts'

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
  ['memoryBytes', 'connections', { connections: 11_000 }],
  ['memoryBytes', 'connections', { outboundTotalBytes: 300_000_000 }],
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
