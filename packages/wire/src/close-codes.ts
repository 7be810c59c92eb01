/** One way in which a hub ends a connection. */
export interface CloseCode {
  /** WebSocket close code, in the range for private use. */
  readonly code: number
  /** Text in the close frame, always the same for a code. */
  readonly reason: string
  /** Whether the same client may come back and expect to succeed. */
  readonly retry: boolean
  /** Whether it waits for a random time before it comes back, however long the connection stood. */
  readonly waits: boolean
}

/** Every way in which a hub ends a connection on its own, for hubs and clients alike. spec W14 */
export const CLOSE_CODES: {
  readonly badHandshake: CloseCode
  readonly unauthorized: CloseCode
  readonly full: CloseCode
  readonly removed: CloseCode
  readonly slowConsumer: CloseCode
  readonly replaced: CloseCode
  readonly late: CloseCode
  readonly rate: CloseCode
  readonly draining: CloseCode
} = {
  badHandshake: { code: 4400, reason: 'bad-handshake', retry: false, waits: false },
  unauthorized: { code: 4401, reason: 'unauthorized', retry: false, waits: false },
  full: { code: 4403, reason: 'full', retry: false, waits: false },
  removed: { code: 4407, reason: 'removed', retry: false, waits: false },
  slowConsumer: { code: 4408, reason: 'slow-consumer', retry: true, waits: false },
  replaced: { code: 4409, reason: 'replaced', retry: false, waits: false },
  late: { code: 4410, reason: 'late', retry: true, waits: true },
  rate: { code: 4429, reason: 'rate', retry: true, waits: true },
  draining: { code: 4503, reason: 'draining', retry: true, waits: true },
}
