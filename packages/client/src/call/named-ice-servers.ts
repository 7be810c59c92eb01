/**
 * The STUN and TURN servers that the hub names to this session.
 *
 * @module
 */
import type { IceServerSource } from '@conclave/p2p'
import type { Transport } from '../transport.ts'

/** Gives the servers that a transport named last, and none before. spec R220 */
export function namedIceServers(transport: Pick<Transport, 'on'>): IceServerSource {
  let named: readonly RTCIceServer[] = []
  transport.on('iceServers', ({ servers }) => {
    named = servers.map((server) => ({ ...server, urls: [...server.urls] }))
  })
  return () => named
}
