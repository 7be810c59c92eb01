import { MAX_PAYLOAD_BYTES } from '@conclave/wire'
import type { ConnectionLimits } from '@conclave/wire'

/** Everything that bounds a hub; every limit is on by default. spec H6 */
export interface HubLimits extends ConnectionLimits {
  /** Dropped messages before a connection counts as flooding. spec H24 */
  readonly dropsPerSecond: number
  readonly dropBurst: number
  /** Publishes of a connection that the engine has not answered yet. */
  readonly publishesInFlight: number
  readonly channelsPerConnection: number
  readonly channels: number
  readonly connections: number
  readonly connectionsPerAddress: number
  /** The part of the places of a room that one address may take, rounded up; addresses of the hub's own machine do not count. spec H6 */
  readonly roomPercentOfAddress: number
  /** Upgrade requests of one address. */
  readonly attemptsPerSecond: number
  readonly attemptBurst: number
  /** Addresses that are remembered at the same time. */
  readonly addresses: number
  /** Time in which a connection must join a channel. spec H11 */
  readonly joinDeadlineMs: number
  /** Time in which a client must answer a ping. spec H26 */
  readonly pongDeadlineMs: number
  /** Queue of a connection above which it has `outboundSlowMs` to get smaller. spec H25 */
  readonly outboundSoftBytes: number
  /** Queue of a connection that ends it. */
  readonly outboundHardBytes: number
  readonly outboundSlowMs: number
}

/** The limits of a hub whose options name none. */
export const DEFAULT_LIMITS: HubLimits = {
  maxPayloadBytes: MAX_PAYLOAD_BYTES,
  publishPerSecond: 50,
  publishBurst: 500,
  bytesPerSecond: 262_144,
  bytesBurst: 524_288,
  maxParticipants: 16,
  pingIntervalMs: 30_000,
  dropsPerSecond: 8,
  dropBurst: 256,
  publishesInFlight: 512,
  channelsPerConnection: 8,
  channels: 10_000,
  connections: 10_000,
  connectionsPerAddress: 64,
  roomPercentOfAddress: 75,
  attemptsPerSecond: 5,
  attemptBurst: 100,
  addresses: 65_536,
  joinDeadlineMs: 5000,
  pongDeadlineMs: 10_000,
  outboundSoftBytes: 262_144,
  outboundHardBytes: 1_048_576,
  outboundSlowMs: 10_000,
}

/** The limits that a client is told, so that it can keep them. spec H23 */
export function toConnectionLimits(limits: HubLimits): ConnectionLimits {
  const { maxPayloadBytes, publishPerSecond, publishBurst, bytesPerSecond, bytesBurst } = limits
  const { maxParticipants, pingIntervalMs } = limits
  return {
    maxPayloadBytes,
    publishPerSecond,
    publishBurst,
    bytesPerSecond,
    bytesBurst,
    maxParticipants,
    pingIntervalMs,
  }
}
