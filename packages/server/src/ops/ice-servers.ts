/**
 * The STUN and TURN servers that an operator names. What is wrong with them is said without their text: they hold credentials.
 *
 * @module
 */
import { isRecord, textToBytes } from '@conclave/base'
import { isIceServer, MAX_CONTROL_BYTES, MAX_ICE_SERVERS } from '@conclave/wire'
import type { IceServer } from '@conclave/wire'
import { ServerError } from '../errors.ts'

/** A server as browsers take it: one address may stand without a list around it. */
export interface GivenIceServer {
  readonly urls: string | readonly string[]
  readonly username?: string | undefined
  readonly credential?: string | undefined
}

/**
 * Checks servers, and brings them into the form of the wire. spec H38
 *
 * @throws ServerError `ERR_SERVER_ICE_SERVERS`
 */
export function checkIceServers(given: unknown): readonly IceServer[] {
  if (!Array.isArray(given)) throw wrong(0, 'a list of servers is expected')
  if (given.length > MAX_ICE_SERVERS)
    throw wrong(0, `at most ${MAX_ICE_SERVERS} servers are possible`)
  const servers = given.map((server: unknown, at) => {
    const formed = toWire(server)
    if (!isIceServer(formed)) throw wrong(at + 1, EXPECTED)
    return formed
  })
  const byteLength = textToBytes(JSON.stringify(servers)).length
  if (byteLength > MAX_CONTROL_BYTES / 2) throw wrong(0, 'it is too long for one message')
  return servers
}

/** The servers of a text of JSON; `undefined` when it is none. */
export function parseIceServers(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const toWire = (server: unknown): unknown =>
  isRecord(server) && typeof server['urls'] === 'string'
    ? { ...server, urls: [server['urls']] }
    : server

const wrong = (server: number, expected: string): ServerError => {
  const which = server === 0 ? 'the list' : `number ${server}`
  const message = `of the STUN and TURN servers ${which} is wrong: ${expected}`
  return new ServerError('ERR_SERVER_ICE_SERVERS', { server }, { message })
}

const EXPECTED =
  'it needs "urls" with stun: or turn: addresses, for turn: also "username" and "credential", and nothing else'
