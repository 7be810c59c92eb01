/**
 * Rules around one driver or transport: for a real bus or hub, and for one session of several.
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import type { Outgoing, Transport, TransportEvents } from '@conclave/client'
import type { Driver, Namespace } from '@conclave/p2p'
import type { ParticipantId } from '@conclave/wire'
import type { Rule } from './rule.ts'

/** Rules for what goes out, and for what comes in; everything arrives where one is left out. */
export interface Ways<
  Sent extends { from: string; to: string },
  Received extends { from: string; to: string } = Sent,
> {
  readonly sent?: Rule<Sent> | undefined
  readonly received?: Rule<Received> | undefined
}

/** A message of a driver. `from` is its name when it sends, `to` when it hears; the bus is the empty text. */
export interface DriverMessage {
  readonly from: string
  readonly to: string
  readonly namespace: Namespace
  readonly message: unknown
}

/**
 * A driver whose messages go through rules, around any driver.
 *
 * @param ways.name its name in `from` and `to`
 */
export function driverThrough(
  driver: Driver,
  { name = 'driver', sent = passOn, received = passOn }: Ways<DriverMessage> & { name?: string },
): Driver {
  const listeners: { namespace: string; handler: Handler; heard: Handler }[] = []
  const reconnect = driver.onReconnect?.bind(driver)
  return {
    async on(namespace, handler) {
      const heard: Handler = (message) =>
        received({ from: '', to: name, namespace, message }, (decided) => handler(decided.message))
      listeners.push({ namespace: JSON.stringify(namespace), handler, heard })
      await driver.on(namespace, heard)
    },
    async off(namespace, handler) {
      const key = JSON.stringify(namespace)
      const at = listeners.findIndex((each) => each.namespace === key && each.handler === handler)
      const [listener] = at < 0 ? [] : listeners.splice(at, 1)
      if (listener !== undefined) await driver.off(namespace, listener.heard)
    },
    async emit(namespace, message) {
      const emitted: unknown[] = []
      sent({ from: name, to: '', namespace, message }, (decided) => {
        emitted.push(driver.emit(decided.namespace, decided.message))
      })
      await Promise.all(emitted)
    },
    ...(reconnect && { onReconnect: reconnect }),
  }
}

/** A message that a session publishes: `to` is empty where it is for everyone. */
export interface PublishedMessage extends Omit<Outgoing, 'to'> {
  readonly from: string
  readonly to: string
}

/** Something that a hub tells a session: `from` is the participant that it is about. */
export interface ToldMessage {
  readonly type: 'message' | 'participantJoined' | 'participantLeft'
  readonly from: string
  readonly to: string
  readonly event: TransportEvents['message' | 'participantJoined' | 'participantLeft']
}

/**
 * A transport whose messages go through rules, around any transport. The hub seems to take over what a rule loses, as one that
 * lies does.
 *
 * @param ways.self the session's id, as its factory gets it
 */
export function transportThrough(
  transport: Transport,
  {
    self,
    sent = passOn,
    received = passOn,
  }: Ways<PublishedMessage, ToldMessage> & { self: ParticipantId },
): Transport {
  const lies = new Emitter<TransportEvents>()
  return {
    on(type, handler) {
      const stopLies = lies.on(type, handler)
      const stop = transport.on(type, (event) => {
        if (!isTold(type)) return handler(event)
        const about = 'from' in event ? event.from : 'participant' in event ? event.participant : ''
        const told = { type, from: about, to: self, event: event as ToldMessage['event'] }
        received(told, (decided) => handler(decided.event as typeof event))
      })
      return () => {
        stop()
        stopLies()
      }
    },
    open: (options) => transport.open(options),
    canPublish: (bytes) => transport.canPublish(bytes),
    publish(message) {
      let isTaken: boolean | undefined
      const published = { ...message, from: self, to: message.to ?? '' }
      sent(published, ({ id, payload, isRepetition, to }) => {
        isTaken = transport.publish({
          ...{ id, payload, isRepetition },
          to: to === '' ? undefined : (to as ParticipantId),
        })
      })
      if (isTaken === undefined) {
        queueMicrotask(() => lies.emit('acknowledged', { id: message.id }))
      }
      return isTaken ?? true
    },
    isPending: (id) => transport.isPending(id),
    close: () => transport.close(),
    ...(transport.remove && { remove: transport.remove.bind(transport) }),
  }
}

type Handler = (message: unknown) => void

const isTold = (type: keyof TransportEvents): type is ToldMessage['type'] =>
  type === 'message' || type === 'participantJoined' || type === 'participantLeft'

const passOn = <Message>(message: Message, deliver: (message: Message) => void): void =>
  deliver(message)
