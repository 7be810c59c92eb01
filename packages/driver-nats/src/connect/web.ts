/**
 * The connection of pages and workers: a WebSocket.
 *
 * @module
 */
import { wsconnect } from '@nats-io/nats-core'
import type { ConnectionOptions, NatsConnection } from '@nats-io/nats-core'

/** Connects to the first server that answers. Rejects with the client's own error. */
export function connectTo(options: ConnectionOptions): Promise<NatsConnection> {
  return wsconnect(options)
}
