/**
 * The hub of this project, with a room that is as large as the benchmark needs.
 *
 * @module
 */
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import { serve } from '@conclave/server/node'

const many = 1_000_000
const served = await serve({
  port: 0,
  hub: ({ port }) =>
    createHub({
      engine: createMemoryEngine(),
      origins: localOrigins(port),
      limits: {
        ...{ maxParticipants: 1025, connectionsPerAddress: 20_000, connections: 20_000 },
        ...{ attemptsPerSecond: many, attemptBurst: many, publishPerSecond: many },
        ...{ publishBurst: many, publishesInFlight: many, bytesPerSecond: many * 100 },
        ...{ bytesBurst: many * 100, outboundHardBytes: many * 200, outboundSlowMs: 60_000 },
        ...{ outboundTotalBytes: many * 400, inboundTotalBytes: many * 200 },
        ...{ socketsPerAddress: 20_000, sockets: 20_000, memoryBytes: 4_000_000_000 },
      },
    }),
})
process.send?.(served.port)
process.once('disconnect', () => process.exit())
