/** A client's transport as the hub needs it: a WebSocket, or a test's stand-in. None of these may throw. */
export interface SessionSocket {
  /** How many bytes were sent and have not left the process. */
  readonly bufferedBytes: number
  /** How many bytes have left the process so far: another number shows that the client reads. spec H25 */
  readonly leftBytes: number
  /** Sends a string as text and bytes as binary. Bytes are shared with other sockets: never change them. */
  send(data: string | Uint8Array): void
  /** Asks the client for a sign of life; the transport answers with `HubConnection.controlled`. */
  ping(): void
  /** Stops reading: `HubConnection.receive` is not called before `resume`, and what was read already waits. spec H39 */
  pause(): void
  /** Reads again, and hands over what waits, in its order. */
  resume(): void
  /** Closes with a code; `HubConnection.closed` follows within a short time, whatever the client does. */
  close(code: number, reason: string): void
  /** Drops the connection without a close frame; `HubConnection.closed` follows. */
  terminate(): void
}

/** One client at the hub, as its transport drives it. */
export interface HubConnection {
  /**
   * Takes one whole message: a string for text, bytes for binary. Resolves when the message has been handled; the
   * caller need not wait, and it never rejects. The bytes must not change before that.
   */
  receive(data: string | Uint8Array): Promise<void>
  /** The transport heard a ping or a pong: a sign of life, of which a client may send few. spec H42 */
  controlled(): void
  /** Bytes that the transport read and the hub has not taken. spec H44 */
  holds(bytes: number): void
  /** A message began and did not come as a whole in time. spec H42 */
  overdue(): void
  /**
   * The transport is gone, with the close code that the client gave, or 1006; or with that of RFC 6455 with which the transport itself
   * ended a connection that broke the protocol.
   */
  closed(code: number, options?: { readonly isByTransport?: boolean }): void
}
