/**
 * A way for events to travel that knows nothing of keys: what an adapter makes of a client library's channel.
 * What it carries is sealed before it comes here, and opened after. chapter adapters
 */
export interface EventTransport {
  /** What the way carries as it is: values that survive `JSON.stringify`, or bytes. */
  readonly encoding: 'json' | 'binary'

  /** Sends an envelope under a name that carriers see. Rejects or throws when it is certain that it was not sent. */
  send(name: string, envelope: unknown): void | Promise<void>

  /**
   * Calls `handler` with whatever arrives, of any shape, until the returned function is called. One handler at a
   * time.
   */
  receive(handler: (name: string, envelope: unknown) => void): () => void
}
