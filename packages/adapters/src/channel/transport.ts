import { checkInteger, checkMethods } from '@conclave/base'
import type { EventCounter } from '@conclave/e2ee'

/**
 * Carries envelopes, and the values of clear events, under names and knows no keys: an adapter makes one of a client
 * library's channel. Envelopes are sealed before a transport gets them, and opened after it received them. spec T1
 */
export interface EventTransport {
  /** Whether it carries values that survive `JSON.stringify`, or bytes. */
  readonly encoding: 'json' | 'binary'

  /** How many events may wait to be sent; {@link MAX_QUEUED_EVENTS} when left out. spec T26 */
  readonly maxQueued?: number

  /** Left out: the carrier gives every event to everybody. spec G56 */
  readonly recipients?: EventRecipients

  /**
   * Refuses event names that would arrive changed.
   *
   * @throws RangeError that says what is wrong
   */
  checkName?(eventName: string): void

  /**
   * Sends an envelope under a name that carriers see: a `JsonEnvelope`, or bytes where `encoding` says so. In place of an
   * envelope an event that is declared clear gives its JSON value, or the UTF-8 of its JSON. spec T18. Waits while the carrier is not open yet, but not after `signal`
   * aborts. Rejects or throws when it is certain that nothing was sent. One call at a time. spec T4. A {@link Passage} says that
   * the carrier has taken the event and tells later how it fared; the next call does not wait for that. spec T26. `to` names the
   * one recipient, where the transport has recipients.
   *
   * @throws AdapterError
   */
  send(
    name: string,
    envelope: unknown,
    signal: AbortSignal,
    to?: string,
  ): void | Passage | Promise<void | Passage>

  /**
   * Calls `handler` with everything that is received, of any shape, until the returned function is called. The name is
   * `undefined` when there is none; `from` says whether a client or a backend sent it, where the carrier does.
   */
  receive(handler: (name: unknown, envelope: unknown, from?: EventOrigin) => void): () => void

  /** Calls `handler` when the carrier reports that it dropped events, until the returned function is called. */
  watch?(handler: (trouble: TransportTrouble) => void): () => void

  /** Gets the facts of each event that opened, in the order of arrival, before its handlers. */
  opened?(event: OpenedFacts): void
}

/** The facts about a sealed event that opened, as a carrier may need them. */
export interface OpenedFacts {
  /** The sender's name, as claimed by whoever holds the key. */
  readonly sender: string | undefined
  /** The place among the sender's events; `undefined` for an unnumbered event. */
  readonly place: { readonly stream: number; readonly sequence: number } | undefined
  /** The address of the one recipient that its sender meant; `undefined` for an event to everybody. spec G56 */
  readonly to: string | undefined
}

/** The addresses of a carrier that can give an event to one recipient only. spec G56 */
export interface EventRecipients {
  /** This client's own address; `undefined` while it has none. */
  self(): string | undefined
  /** Numbers the events for one recipient: they make no gaps in what the others get. */
  readonly counter: EventCounter
}

/** An event on its way through a carrier that acknowledges events. spec T26 */
export interface Passage {
  /** Resolves when the event was acknowledged, and rejects when it never will be. */
  readonly delivered: Promise<void>
}

/** The origin of a received event, by the carrier's word. */
export type EventOrigin = 'client' | 'backend'

/** A carrier's report of events that it dropped; it names none of them. spec T23 */
export interface TransportTrouble {
  readonly type: 'rate-limited'
}

/** @throws TypeError, RangeError that name the argument. spec T15 */
export function checkTransport(transport: EventTransport): void {
  checkMethods('transport', transport, 'send', 'receive')
  const { maxQueued = 1 } = transport
  checkInteger('transport.maxQueued', maxQueued, { min: 1, max: Number.MAX_SAFE_INTEGER })
  if (transport.encoding === 'json' || transport.encoding === 'binary') return
  throw new TypeError('"transport.encoding" expected "json" or "binary"')
}
