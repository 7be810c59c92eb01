import { decodeJson, hasMembers, isIntegerUpTo } from '@conclave/base'
import type { Shape } from '@conclave/base'
import { isDeviceName, isUserName, parseChannelName, parseParticipantId } from '@conclave/wire'
import type { ChannelName, MemberId } from '@conclave/wire'

/** A member of a presence channel: a user with a device. */
export interface WebhookMember {
  readonly id: MemberId
  readonly user: string
  readonly device: string
}

/** Something that happened in a guarded channel. */
export type ChannelEvent = ChannelUseEvent | MemberEvent

/** The first subscription to a channel came to a hub, or the last one left it. */
export interface ChannelUseEvent extends EventOfChannel {
  readonly type: 'channelOccupied' | 'channelVacated'
}

/** The first connection of a member of a presence channel came to a hub, or the last one left it. */
export interface MemberEvent extends EventOfChannel {
  readonly type: 'memberAdded' | 'memberRemoved'
  readonly member: WebhookMember
}

interface EventOfChannel {
  /** The same when the delivery is repeated. */
  readonly id: string
  readonly channel: ChannelName
  /** Milliseconds since 1970, by the hub's clock. */
  readonly atMs: number
}

/** Events that a hub delivered together, in their order. */
export interface WebhookDelivery {
  /** The same at each attempt of the hub. You must drop a delivery whose id you have had. */
  readonly id: string
  readonly app: string
  /** Names the hub that tells, until it ends: with several hubs a channel is used, and a member there, while one of them says so. */
  readonly hub: string
  /** Events of before that the hub could not deliver: ask for the members again when there are some. */
  readonly dropped: number
  readonly events: readonly ChannelEvent[]
}

/** Decodes the body of a delivery. Events of types that this version does not know are left out. spec G86 */
export function decodeDelivery(id: string, body: Uint8Array): WebhookDelivery | undefined {
  const value = decodeJson(body)
  if (!hasMembers(value, DELIVERY)) return undefined
  const { app, hub, dropped, events } = value
  const known: ChannelEvent[] = []
  for (const event of events) {
    if (!hasMembers(event, ANY_EVENT)) return undefined
    if (!isKnown(event.type)) continue
    const decoded = decodeEvent(event)
    if (decoded === undefined) return undefined
    known.push(decoded)
  }
  return { id, app, hub, dropped, events: known }
}

function decodeEvent(value: unknown): ChannelEvent | undefined {
  if (!hasMembers(value, EVENT)) return undefined
  const { id, type, channel, atMs } = value
  if (type === 'channelOccupied' || type === 'channelVacated') return { id, type, channel, atMs }
  const { member } = value as { readonly member?: unknown }
  if (!hasMembers(member, MEMBER)) return undefined
  const { id: memberId, user, device } = member
  return { id, type, channel, atMs, member: { id: memberId, user, device } }
}

const TYPES = ['channelOccupied', 'channelVacated', 'memberAdded', 'memberRemoved'] as const
const isKnown = (type: unknown): type is ChannelEvent['type'] =>
  (TYPES as readonly unknown[]).includes(type)

const isEventId = (value: unknown): boolean =>
  typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)

interface AnyDelivery {
  readonly version: 1
  readonly app: string
  readonly hub: string
  readonly dropped: number
  readonly events: readonly unknown[]
}

const DELIVERY: Shape<AnyDelivery> = {
  version: (value) => value === 1,
  app: (value) => typeof value === 'string',
  hub: isEventId,
  dropped: (value) => isIntegerUpTo(Number.MAX_SAFE_INTEGER, value),
  events: (value) => Array.isArray(value) && value.length <= MAX_EVENTS,
}

const ANY_EVENT: Shape<{ readonly type: string }> = {
  type: (value) => typeof value === 'string',
}

const EVENT: Shape<EventOfChannel & { readonly type: ChannelEvent['type'] }> = {
  id: isEventId,
  type: isKnown,
  channel: (value) => parseChannelName(value) !== undefined,
  atMs: (value) => isIntegerUpTo(Number.MAX_SAFE_INTEGER, value),
}

const MEMBER: Shape<WebhookMember> = {
  id: (value) => parseParticipantId(value) !== undefined,
  user: isUserName,
  device: isDeviceName,
}

const MAX_EVENTS = 100
