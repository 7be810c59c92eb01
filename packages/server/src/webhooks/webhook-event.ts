import { textToBytes } from '@conclave/base'
import type { GuardedEvent } from '../guarded/guarded-hub.ts'

/** The things that a hub tells an application's server about guarded channels. */
export type WebhookEventType =
  | 'channelOccupied'
  | 'channelVacated'
  | 'memberAdded'
  | 'memberRemoved'

/** Something that happened in a guarded channel. */
export interface WebhookEvent {
  readonly type: WebhookEventType
  readonly channel: string
  /** Milliseconds since 1970, by the hub's clock. */
  readonly atMs: number
  /** Of `memberAdded` and `memberRemoved`. */
  readonly member?: WebhookMember | undefined
}

/** A member of a presence channel, as the application's server knows it. */
export interface WebhookMember {
  readonly id: string
  readonly user: string
  readonly device: string
}

/** An event in a queue, with the id that it keeps over all attempts. */
export interface NumberedEvent extends WebhookEvent {
  readonly id: string
}

/** Events that are delivered together. */
export interface WebhookBatch {
  /** The same at each attempt, so that a receiver can drop what it got before. spec G81 */
  readonly id: string
  readonly events: readonly NumberedEvent[]
  /** Events of before that no delivery has. */
  readonly dropped: number
}

/** The event as applications hear of it; `info` is sealed for the members. */
export function toWebhookEvent({
  type,
  channel,
  member,
}: GuardedEvent): Omit<WebhookEvent, 'atMs'> {
  if (member === undefined) return { type: TYPES[type], channel }
  const { id, user, device } = member
  return { type: TYPES[type], channel, member: { id, user, device } }
}

const TYPES = {
  occupied: 'channelOccupied',
  vacated: 'channelVacated',
  memberAdded: 'memberAdded',
  memberRemoved: 'memberRemoved',
} as const

/** The body of a delivery: the same bytes at each attempt. spec G80 */
export function encodeBatch(
  { app, hub }: { readonly app: string; readonly hub: string },
  { events, dropped }: WebhookBatch,
): Uint8Array<ArrayBuffer> {
  const body = { version: 1, app, hub, dropped, events: events.map(toJson) }
  return textToBytes(JSON.stringify(body))
}

const toJson = ({ id, type, channel, atMs, member }: NumberedEvent): object => {
  const event = { id, type, channel, atMs: Math.round(atMs) }
  if (member === undefined) return event
  const { id: memberId, user, device } = member
  return { ...event, member: { id: memberId, user, device } }
}
