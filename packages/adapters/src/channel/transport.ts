import type { JsonEnvelope } from '@conclave/e2ee'

/**
 * A way for events to travel that knows nothing of keys: what an adapter makes of a client library's channel.
 * What it carries was sealed before it came here, and is opened after. spec T1
 */
export interface EventTransport {
  /** What the way carries as it is: values that survive `JSON.stringify`, or bytes. */
  readonly encoding: 'json' | 'binary'

  /**
   * Refuses event names that would arrive as others.
   *
   * @throws RangeError that says what is wrong
   */
  checkName?(eventName: string): void

  /**
   * Sends an envelope under a name that carriers see; waits while the way is not open yet, no longer than until
   * `signal` aborts. Rejects or throws when it is certain that nothing was sent. One call at a time. spec T4
   *
   * @throws AdapterError
   */
  send(
    name: string,
    envelope: JsonEnvelope | Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): void | Promise<void>

  /**
   * Calls `handler` with whatever arrives, of any shape, until the returned function is called; with `undefined`
   * for the name of what has none.
   */
  receive(handler: (name: unknown, envelope: unknown) => void): () => void

  /** Calls `handler` when the carrier says that it did not carry something, until the returned function is called. */
  watch?(handler: (trouble: TransportTrouble) => void): () => void
}

/** What a carrier said about events that it did not carry; it names none of them. spec T23 */
export interface TransportTrouble {
  readonly type: 'rate-limited'
}
