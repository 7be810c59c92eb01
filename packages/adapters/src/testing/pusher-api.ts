import type { PusherChannels } from './pusher-channels.ts'
import {
  CHANNEL_NAME,
  dataLength,
  decodeObject,
  MAX_DATA_BYTES,
  MAX_EVENT_NAME,
} from './pusher-message.ts'
import { refusalOf } from './pusher-signature.ts'
import type { PusherCredentials } from './pusher-signature.ts'

/** An answer in JSON. */
export interface JsonAnswer {
  readonly status: number
  readonly body: unknown
}

/** The parts of a server that its HTTP API uses. */
export interface ApiContext {
  readonly credentials: PusherCredentials
  readonly channels: PusherChannels
  /** Seconds since 1970. */
  readonly now: number
}

/** Answers a signed request to trigger events, or to list the channels. "HTTP API reference" */
export function answerApi(
  request: { readonly method: string; readonly url: URL; readonly body: string },
  { credentials, channels, now }: ApiContext,
): JsonAnswer {
  const refusal = refusalOf(credentials, { ...request, now })
  if (refusal !== undefined) return { status: 401, body: { error: `invalid ${refusal}` } }
  const resource = `${request.method} ${request.url.pathname.split('/').slice(3).join('/')}`
  const body = decodeObject(request.body)
  if (resource === 'GET channels') {
    return {
      status: 200,
      body: { channels: Object.fromEntries(channels.names.map((name) => [name, {}])) },
    }
  }
  if (resource === 'POST events' && body !== undefined) return triggerAll([body], channels)
  if (resource === 'POST batch_events' && Array.isArray(body?.['batch'])) {
    return triggerAll(
      body['batch'].map((event) => decodeObject(event) ?? {}),
      channels,
    )
  }
  return { status: 400, body: { error: 'unknown request' } }
}

function triggerAll(
  events: readonly Readonly<Record<string, unknown>>[],
  channels: PusherChannels,
): JsonAnswer {
  if (events.length > MAX_BATCH) return { status: 400, body: { error: 'too many events' } }
  for (const event of events) {
    const status = statusOf(event)
    if (status !== 200) return { status, body: { error: 'invalid event' } }
  }
  for (const { name, data, socket_id: except, ...event } of events) {
    for (const channel of channelsOf(event)) {
      const message = { event: String(name), channel: String(channel), data }
      channels.broadcast(message, { except: typeof except === 'string' ? except : undefined })
    }
  }
  return { status: 200, body: {} }
}

function statusOf({ name, data, ...event }: Readonly<Record<string, unknown>>): number {
  if (typeof name !== 'string' || name === '' || name.length > MAX_EVENT_NAME) return 400
  if (typeof data !== 'string') return 400
  const names = channelsOf(event)
  if (names.length === 0 || names.length > MAX_CHANNELS) return 400
  if (!names.every((channel) => typeof channel === 'string' && CHANNEL_NAME.test(channel)))
    return 400
  return dataLength(data) > MAX_DATA_BYTES ? 413 : 200
}

const channelsOf = ({ channel, channels }: Readonly<Record<string, unknown>>): readonly unknown[] =>
  Array.isArray(channels) ? channels : [channel]

const MAX_BATCH = 10
const MAX_CHANNELS = 100
