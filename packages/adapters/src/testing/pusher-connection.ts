import type { PresenceMember, PusherChannels, Subscriber } from './pusher-channels.ts'
import {
  CHANNEL_NAME,
  dataLength,
  decodeObject,
  MAX_DATA_BYTES,
  MAX_EVENT_NAME,
} from './pusher-message.ts'
import { isAuthorized } from './pusher-signature.ts'
import type { PusherCredentials } from './pusher-signature.ts'

/** The parts of a server that its connections use. */
export interface ConnectionContext {
  readonly credentials: PusherCredentials
  readonly channels: PusherChannels
  readonly clientEventsPerSecond: number
  readonly now: () => number
  send(text: string): void
}

/** One client's connection. "Pusher Channels Protocol", version 7 */
export class PusherConnection implements Subscriber {
  readonly socketId: string
  readonly #context: ConnectionContext
  #second = 0
  #clientEvents = 0

  constructor(socketId: string, context: ConnectionContext) {
    this.socketId = socketId
    this.#context = context
    const data = JSON.stringify({ socket_id: socketId, activity_timeout: ACTIVITY_TIMEOUT_SECONDS })
    this.#write({ event: 'pusher:connection_established', data })
  }

  send(message: {
    readonly event: string
    readonly channel: string
    readonly data: unknown
  }): void {
    this.#write(message)
  }

  /** Handles a message from the client. */
  receive(text: unknown): void {
    const message = decodeObject(text)
    if (message === undefined) return this.#sendError(null, 'Invalid message')
    const { event, channel, data } = message
    if (event === 'pusher:ping') return this.#write({ event: 'pusher:pong', data: '{}' })
    if (event === 'pusher:pong') return undefined
    if (event === 'pusher:subscribe') return this.#subscribe(decodeObject(data) ?? {})
    if (event === 'pusher:unsubscribe') {
      return this.#context.channels.leave(String(decodeObject(data)?.['channel']), this)
    }
    if (typeof event === 'string' && event.startsWith('client-')) {
      return this.#relay({ event, channel: String(channel), data })
    }
    return this.#sendError(null, 'Unknown event')
  }

  close(): void {
    this.#context.channels.leaveAll(this)
  }

  #subscribe({ channel, auth, channel_data: channelData }: Record<string, unknown>): void {
    if (typeof channel !== 'string' || !CHANNEL_NAME.test(channel)) {
      return this.#sendError(null, 'Invalid channel name')
    }
    const { channels, credentials } = this.#context
    if (channels.has(channel, this))
      return this.#sendError(null, 'Existing subscription to channel')
    const isPresence = channel.startsWith('presence-')
    if (isPresence || channel.startsWith('private-')) {
      const signed = isPresence ? [String(channelData)] : []
      if (!isAuthorized(credentials, { auth, parts: [this.socketId, channel, ...signed] })) {
        return this.#sendError(4009, 'Connection is unauthorized')
      }
    }
    const member = isPresence ? decodeObject(channelData) : undefined
    if (isPresence && !isMember(member)) return this.#sendError(null, 'Invalid channel_data')
    return channels.join(channel, this, isMember(member) ? member : undefined)
  }

  #relay(message: {
    readonly event: string
    readonly channel: string
    readonly data: unknown
  }): void {
    const { event, channel, data } = message
    const { channels } = this.#context
    if (!/^(?:private|presence)-/.test(channel)) {
      return this.#sendError(null, 'Client events are for private and presence channels')
    }
    if (!channels.has(channel, this)) return this.#sendError(null, 'Not subscribed to the channel')
    if (event.length > MAX_EVENT_NAME) return this.#sendError(null, 'The event name is too long')
    if (dataLength(data) > MAX_DATA_BYTES) return this.#sendError(null, 'The data is too large')
    if (!this.#count()) return this.#sendError(4301, 'Client event rejected due to rate limit')
    const member = channels.memberOf(channel, this)
    const sender = member === undefined ? {} : { user_id: member.user_id }
    return channels.broadcast({ event, channel, data, ...sender }, { except: this.socketId })
  }

  /** Counts a client event in its second; `false` when there were too many. */
  #count(): boolean {
    const second = Math.floor(this.#context.now() / 1000)
    if (second !== this.#second) this.#clientEvents = 0
    this.#second = second
    this.#clientEvents += 1
    return this.#clientEvents <= this.#context.clientEventsPerSecond
  }

  #sendError(code: number | null, message: string): void {
    this.#write({ event: 'pusher:error', data: { code, message } })
  }

  #write(message: { readonly event: string; readonly data: unknown }): void {
    this.#context.send(JSON.stringify(message))
  }
}

const isMember = (
  value: Readonly<Record<string, unknown>> | PresenceMember | undefined,
): value is PresenceMember => typeof value?.user_id === 'string'

const ACTIVITY_TIMEOUT_SECONDS = 120
