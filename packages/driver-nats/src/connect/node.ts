/**
 * The connection of Node: TCP, or a WebSocket for servers that are named so.
 *
 * @module
 */
import { wsconnect } from '@nats-io/nats-core'
import type { ConnectionOptions, NatsConnection } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'

/** Connects to the first server that answers. Rejects with the client's own error. */
export function connectTo(options: ConnectionOptions): Promise<NatsConnection> {
  const { servers = [] } = options
  const isWeb = [servers].flat().some((server) => /^wss?:/i.test(server))
  return isWeb ? wsconnect(options) : connect(options)
}
