import { DEFAULT_LIMITS } from '../../limits/hub-limits.ts'
import type { HubLimits } from '../../limits/hub-limits.ts'
import type { Setting } from './settings.ts'
import { byteSize, duration, formatDuration, formatSize, integer } from './value-kinds.ts'
import type { Kind } from './value-kinds.ts'

const MAX = 0xffff_ffff
const MAX_MS = 86_400_000

/** Every limit as a setting, by its name. Their relations are checked by `createHub`. spec H46 */
export const LIMIT_SETTINGS: { readonly [K in keyof HubLimits]: Setting<number> } = toSettings({
  maxPayloadBytes: 'largest sealed message',
  publishPerSecond: 'messages a second of a connection',
  publishBurst: 'messages at once of a connection',
  bytesPerSecond: 'bytes a second of a connection',
  bytesBurst: 'bytes at once of a connection',
  maxParticipants: 'participants of a room',
  pingIntervalMs: 'silence after which a client is pinged',
  dropsPerSecond: 'dropped messages a second before a connection ends',
  dropBurst: 'dropped messages at once before a connection ends',
  publishesInFlight: 'messages of a connection that the engine has not answered',
  inboundTotalBytes: 'bytes of all connections that the engine has not answered',
  channelsPerConnection: 'rooms of a connection',
  channels: 'rooms of the hub',
  connections: 'connections of the hub',
  connectionsPerAddress: 'connections of an address',
  roomPercentOfAddress: 'percentage of a room that one address may take',
  socketsPerAddress: 'connections of an address that are no WebSockets yet',
  sockets: 'connections of all addresses that are no WebSockets yet',
  requestDeadlineMs: 'time in which a connection must ask, or take a part of the answer',
  requestsPerSecond: 'HTTP requests a second of an address',
  requestBurst: 'HTTP requests at once of an address',
  messageDeadlineMs: 'time in which a message must have come as a whole',
  attemptsPerSecond: 'connections a second that an address may try',
  attemptBurst: 'connections at once that an address may try',
  addresses: 'addresses that are remembered',
  joinDeadlineMs: 'time in which a connection must join a room',
  pongDeadlineMs: 'time in which a client must answer a ping',
  outboundHardBytes: 'queue of a connection that ends it',
  outboundTotalBytes: 'queues of all connections',
  outboundSlowMs: 'time without a byte that a client takes, which ends its connection',
  memoryBytes: 'memory of the hub',
  guardedChannels: 'private and presence channels of the hub',
  subscriptions: 'subscriptions of all connections to these channels',
  subscriptionsPerConnection: 'subscriptions of a connection',
  subscriptionsPerUser: 'subscriptions of a user over all its connections',
  subscribersPerChannel: 'subscriptions to a channel',
  publishesPerUser: 'messages a second of a user over all its connections',
  publishBurstPerUser: 'messages at once of a user over all its connections',
  publishesPerChannel: 'messages a second in a channel',
  publishBurstPerChannel: 'messages at once in a channel',
  signalPerSecond: 'signals a second of a connection',
  signalBurst: 'signals at once of a connection',
  presenceListMembers: 'members of a presence channel up to which each change is told',
  presenceInfoBytes: 'sealed words of all members about themselves',
  presenceGraceMs: 'time in which a member that was lost may come back unnoticed',
  maxLagMs: 'lateness of the hub above which it takes no more connections',
})

function toSettings(docs: { readonly [K in keyof HubLimits]: string }): {
  readonly [K in keyof HubLimits]: Setting<number>
} {
  const entries = Object.entries(docs) as [keyof HubLimits, string][]
  return Object.fromEntries(
    entries.map(([name, doc]) => {
      const words = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
      const bare = words.replace(/-(?:ms|bytes)$/, '')
      const { kind, preset } = kindOf(name)
      const env = `CONCLAVE_LIMIT_${bare.toUpperCase().replaceAll('-', '_')}`
      return [name, { env, flag: `limit-${bare}`, kind, preset, doc }]
    }),
  ) as { readonly [K in keyof HubLimits]: Setting<number> }
}

function kindOf(name: keyof HubLimits): { readonly kind: Kind<number>; readonly preset: string } {
  const preset = DEFAULT_LIMITS[name]
  if (name.endsWith('Ms')) return { kind: duration(1, MAX_MS), preset: formatDuration(preset) }
  if (/bytes/i.test(name)) return { kind: byteSize(1, MAX), preset: formatSize(preset) }
  return { kind: integer(1, MAX), preset: String(preset) }
}
