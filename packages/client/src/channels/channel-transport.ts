/**
 * A guarded channel as carriers of sealed events: one for messages, which are acknowledged, and one for signals, which may be
 * dropped. spec G95 G96 G97
 *
 * @module
 */
import { decodeEventFrame, encodeEventFrame } from '@conclave/adapters'
import type { EventOrigin, EventTransport } from '@conclave/adapters'
import { isBytes } from '@conclave/base'
import type { EventCounter } from '@conclave/e2ee'
import { channelKind, MAX_PAYLOAD_BYTES, SERVER_SENDER } from '@conclave/wire'
import type { DeliverFrame, MemberId, SignalledFrame } from '@conclave/wire'
import { BOUNDS } from '../bounds.ts'
import { ClientError } from '../errors.ts'
import { errorOfState } from './channel-state.ts'
import type { Publisher } from './publisher.ts'
import type { Subscription } from './subscription.ts'

/** Takes the events of one kind that the hub delivers. */
export type Deliver = (frame: DeliverFrame | SignalledFrame) => void

/** Both carriers of a channel, and where to put what the hub delivers. */
export interface ChannelCarriers {
  readonly messages: EventTransport
  readonly signals: EventTransport
  readonly deliver: Deliver
}

/** Whether an error says that a signal was dropped before it reached the network: no failure. */
export function isDroppedSignal(error: unknown): boolean {
  return error === DROPPED_SIGNAL
}

/** The counters of events for one member, and who is told of the messages that opened. */
export interface CarrierOptions {
  readonly directMessages: EventCounter
  readonly directSignals: EventCounter
  readonly opened: NonNullable<EventTransport['opened']>
}

/** Makes the carriers of a channel. */
export function createCarriers(
  {
    subscription,
    publisher,
  }: { readonly subscription: Subscription; readonly publisher: Publisher },
  { directMessages, directSignals, opened }: CarrierOptions,
): ChannelCarriers {
  const recipients = (counter: EventCounter): Pick<EventTransport, 'recipients'> =>
    channelKind(subscription.name) === 'private'
      ? {}
      : { recipients: { self: () => subscription.member, counter } }
  const handlers: { deliver?: Handler; signalled?: Handler } = {}
  const carrier = (
    type: 'deliver' | 'signalled',
    send: EventTransport['send'],
  ): EventTransport => ({
    encoding: 'binary',
    maxQueued: BOUNDS.outbox.messages,
    send,
    receive(handler) {
      handlers[type] = handler
      return () => delete handlers[type]
    },
  })
  const frameOf = (name: string, envelope: unknown): Uint8Array => {
    if (!isBytes(envelope)) throw new Error('unreachable: a binary transport carries bytes')
    return encodeEventFrame(name, envelope)
  }
  return {
    messages: {
      ...carrier('deliver', (name, envelope, _signal, to) => {
        const error = errorOfState(subscription.name, subscription.state)
        if (error !== undefined) throw error
        const frame = frameOf(name, envelope)
        return { delivered: publisher.publish(subscription, frame, to as MemberId | undefined) }
      }),
      ...recipients(directMessages),
      opened,
    },
    signals: {
      ...carrier('signalled', (name, envelope, _signal, to) => {
        const frame = frameOf(name, envelope)
        if (!publisher.signal(subscription, frame, to as MemberId | undefined)) throw DROPPED_SIGNAL
      }),
      ...recipients(directSignals),
    },
    deliver({ type, from, payload }) {
      const frame = decodeEventFrame(payload, MAX_PAYLOAD_BYTES)
      const origin: EventOrigin = from === SERVER_SENDER ? 'backend' : 'client'
      handlers[type]?.(frame?.name, frame?.envelope, origin)
    },
  }
}

/** The error of a sealed channel in the words of this package, where it has one. */
export function clientErrorOf(error: unknown, subscription: Subscription): unknown {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  if (code === 'ERR_ADAPTER_QUEUE_FULL') return new ClientError('ERR_CLIENT_OVERFLOW', undefined)
  if (code !== 'ERR_ADAPTER_CLOSED') return error
  return errorOfState(subscription.name, subscription.state) ?? error
}

type Handler = Parameters<EventTransport['receive']>[0]

const DROPPED_SIGNAL: Error = Object.freeze(new Error('a signal was dropped'))
