import { MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES } from '@conclave/wire'
import type { ConnectionLimits } from '@conclave/wire'

/** Everything that bounds a hub; every limit is on by default. spec H6 */
export interface HubLimits extends Omit<ConnectionLimits, 'maxMessageBytes'> {
  /** Dropped messages before a connection counts as flooding. spec H24 */
  readonly dropsPerSecond: number
  readonly dropBurst: number
  /** Publishes of a connection that the engine has not answered yet; as many make the hub stop reading for a while. spec H39 */
  readonly publishesInFlight: number
  /** Bytes of all connections that wait for the engine; each may have as much of it as is left for the others. spec H44 */
  readonly inboundTotalBytes: number
  readonly channelsPerConnection: number
  readonly channels: number
  readonly connections: number
  readonly connectionsPerAddress: number
  /** The part of the places of a room that one address may take, rounded up; addresses of the hub's own machine do not count. spec H6 */
  readonly roomPercentOfAddress: number
  /** Connections that are no WebSockets (yet), of one address and of all. spec H40 */
  readonly socketsPerAddress: number
  readonly sockets: number
  /** Time in which a connection must have asked for something, and in which it must take a part of the answer. spec H41 */
  readonly requestDeadlineMs: number
  /** Requests for files and the like, of one address. spec H40 */
  readonly requestsPerSecond: number
  readonly requestBurst: number
  /** Time in which a message that began must have come as a whole. spec H42 */
  readonly messageDeadlineMs: number
  /** Upgrade requests of one address. */
  readonly attemptsPerSecond: number
  readonly attemptBurst: number
  /** Addresses that are remembered at the same time. */
  readonly addresses: number
  /** Time in which a connection must join a channel. spec H11 */
  readonly joinDeadlineMs: number
  /** Time in which a client must answer a ping. spec H26 */
  readonly pongDeadlineMs: number
  /** Queue of a connection that ends it. spec H25 */
  readonly outboundHardBytes: number
  /** Queues of all connections; each may have as much of it as is left for the others. spec H44 */
  readonly outboundTotalBytes: number
  /** Time without a byte that leaves, while some wait, which ends a connection. */
  readonly outboundSlowMs: number
  /** Memory of the hub without that of TLS, for which the bounds of everything must be small enough. spec H44, H45 */
  readonly memoryBytes: number
  /** Guarded channels of the hub, and the subscriptions of all connections to them. spec G22 */
  readonly guardedChannels: number
  readonly subscriptions: number
  readonly subscriptionsPerConnection: number
  /** Subscriptions of a user over all its connections. spec G20 */
  readonly subscriptionsPerUser: number
  readonly subscribersPerChannel: number
  /** Messages of a user over all its connections. spec G20 */
  readonly publishesPerUser: number
  readonly publishBurstPerUser: number
  /** Messages of all together in a guarded channel. spec G21 */
  readonly publishesPerChannel: number
  readonly publishBurstPerChannel: number
  /** Signals of a connection. spec G13 */
  readonly signalPerSecond: number
  readonly signalBurst: number
  /** Up to so many members of a presence channel, each change is told. spec G18 */
  readonly presenceListMembers: number
  /** All that members say about themselves, in characters of its text. spec G22 */
  readonly presenceInfoBytes: number
  /** How long a member whose connections were lost stays. spec G17 */
  readonly presenceGraceMs: number
  /** How late the event loop may be all the time before the hub takes no more connections. spec H45 */
  readonly maxLagMs: number
}

/** The limits of a hub whose options name none. */
export const DEFAULT_LIMITS: HubLimits = {
  maxPayloadBytes: MAX_PAYLOAD_BYTES,
  publishPerSecond: 50,
  publishBurst: 500,
  bytesPerSecond: 262_144,
  bytesBurst: 524_288,
  maxParticipants: 16,
  pingIntervalMs: 5000,
  dropsPerSecond: 8,
  dropBurst: 256,
  publishesInFlight: 512,
  inboundTotalBytes: 67_108_864,
  channelsPerConnection: 8,
  channels: 10_000,
  connections: 10_000,
  connectionsPerAddress: 64,
  roomPercentOfAddress: 75,
  socketsPerAddress: 128,
  sockets: 2048,
  requestDeadlineMs: 10_000,
  requestsPerSecond: 200,
  requestBurst: 500,
  messageDeadlineMs: 30_000,
  attemptsPerSecond: 5,
  attemptBurst: 100,
  addresses: 65_536,
  joinDeadlineMs: 5000,
  pongDeadlineMs: 4500,
  outboundHardBytes: 8_388_608,
  outboundTotalBytes: 268_435_456,
  outboundSlowMs: 10_000,
  memoryBytes: 1_342_177_280,
  guardedChannels: 8000,
  subscriptions: 20_000,
  subscriptionsPerConnection: 100,
  subscriptionsPerUser: 256,
  subscribersPerChannel: 10_000,
  publishesPerUser: 100,
  publishBurstPerUser: 1000,
  publishesPerChannel: 1000,
  publishBurstPerChannel: 2000,
  signalPerSecond: 50,
  signalBurst: 100,
  presenceListMembers: 100,
  presenceInfoBytes: 3_145_728,
  presenceGraceMs: 8000,
  maxLagMs: 250,
}

/** The limits that a client is told, so that it can keep them. spec H23 W17 W25 */
export function toConnectionLimits(limits: HubLimits): Required<ConnectionLimits> {
  const { maxPayloadBytes, publishPerSecond, publishBurst, bytesPerSecond, bytesBurst } = limits
  const { maxParticipants, pingIntervalMs, publishesInFlight, channelsPerConnection } = limits
  const { joinDeadlineMs, dropsPerSecond, dropBurst, outboundHardBytes } = limits
  const { subscriptionsPerConnection, signalPerSecond, signalBurst } = limits
  const { publishesPerUser, publishBurstPerUser } = limits
  return {
    ...{ subscriptionsPerConnection, signalPerSecond, signalBurst },
    ...{ publishesPerUser, publishBurstPerUser },
    ...{ maxPayloadBytes, publishPerSecond, publishBurst, bytesPerSecond, bytesBurst },
    ...{ maxParticipants, pingIntervalMs, publishesInFlight, channelsPerConnection },
    ...{ joinDeadlineMs, dropsPerSecond, dropBurst, outboundHardBytes },
    maxMessageBytes: MAX_MESSAGE_BYTES,
  }
}
