import type { IncomingMessage } from 'node:http'
import type { RequestFacts } from '../access/authorizer.ts'

/**
 * The facts about an upgrade request that a hook may look at while the connection is open: its headers, as many as fit into 8 KiB, those that say who
 * the client is before all others. spec G48
 */
export function keepFacts(
  { headers }: IncomingMessage,
  address: string,
): RequestFacts & { readonly address: string } {
  const kept = new Map<string, string>()
  let left = MAX_HEADER_CHARACTERS
  for (const name of new Set([...FIRST, ...Object.keys(headers)])) {
    const value = headers[name]?.toString()
    if (value === undefined || PROTOCOL.test(name)) continue
    const length = name.length + value.length
    if (length > left) continue
    left -= length
    kept.set(name, value)
  }
  return {
    origin: headers.origin,
    address,
    headerBytes: MAX_HEADER_CHARACTERS - left,
    header: (name) => kept.get(name.toLowerCase()),
  }
}

const FIRST = ['host', 'cookie', 'authorization']
/** They say nothing about the client. */
const PROTOCOL = /^(?:sec-websocket-|upgrade$|connection$)/
const MAX_HEADER_CHARACTERS = 8192
