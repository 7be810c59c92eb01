import type { ConnectionLimits } from '@conclave/wire'

/** The limits that a hub of a test names. */
export const LIMITS: ConnectionLimits = {
  maxPayloadBytes: 65_536,
  publishPerSecond: 50,
  publishBurst: 100,
  bytesPerSecond: 262_144,
  bytesBurst: 1_048_576,
  maxParticipants: 16,
  pingIntervalMs: 30_000,
}
