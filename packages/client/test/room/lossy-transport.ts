/** A transport that loses messages in both directions, between a session and everybody else. */
import type { Outgoing, Transport, TransportEvents } from '../../src/transport.ts'
import type { LocalTransport } from '../../src/testing/index.ts'

/** Decides about each message by itself whether it is lost. */
export interface Losses {
  /** Of the messages that the session sends: the hub takes them over, and nobody gets them. */
  readonly sent: () => boolean
  /** Of everything that the hub tells the session: messages, and who comes and goes. */
  readonly received: () => boolean
}

/** The transport with losses. Acknowledgements arrive: without them a message is not lost but waits. */
export function lossy(inner: LocalTransport, losses: Losses): Transport {
  return {
    on: (type, handler) =>
      inner.on(type, (event) => {
        if (!LOST.has(type) || !losses.received()) handler(event)
      }),
    open: (options) => inner.open(options),
    canPublish: () => inner.canPublish(),
    publish: (message: Outgoing) => {
      if (!losses.sent()) return inner.publish(message)
      queueMicrotask(() => inner.tell('acknowledged', { id: message.id }))
      return true
    },
    isPending: (id) => inner.isPending(id),
    close: () => inner.close(),
  }
}

const LOST: ReadonlySet<keyof TransportEvents> = new Set([
  'message',
  'participantJoined',
  'participantLeft',
])
