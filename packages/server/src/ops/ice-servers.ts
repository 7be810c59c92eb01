/**
 * The STUN and TURN servers that an operator names. What is wrong with them is said without their text: they hold credentials.
 *
 * @module
 */
import { isRecord, textToBytes } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { isIceServer, MAX_CONTROL_BYTES, MAX_ICE_SERVERS } from '@conclave/wire'
import type { IceServer } from '@conclave/wire'
import { ServerError } from '../errors.ts'

/** A server as browsers take it: one address may stand without a list around it. */
export interface GivenIceServer {
  readonly urls: string | readonly string[]
  readonly username?: string | undefined
  readonly credential?: string | undefined
}

/** Servers whose credentials run out. */
export interface GivenIceServers {
  readonly servers: readonly GivenIceServer[]
  /** When the first of their credentials runs out, in milliseconds since 1970. The hub names new ones before. */
  readonly untilMs: number
}

/**
 * Gives the servers for one connection; called again before `untilMs`. `label` is drawn at random for the connection and stays the same. It
 * must not throw. `createTurnCredentials` of the subpath `./node` makes one.
 */
export type IceServerSource = (connection: {
  readonly label: string
  readonly nowMs: number
}) => GivenIceServers

/** Servers in the form of the wire, and when they must be named again. */
export interface MintedIceServers {
  readonly servers: readonly IceServer[]
  readonly untilMs: number
}

/**
 * The source of the servers of every connection, from a list that never changes or from one whose credentials run out. Asks it once, so
 * that a hub with servers that clients would not take does not start. spec H38
 *
 * @throws ServerError `ERR_SERVER_ICE_SERVERS`
 */
export function toMint(
  given: readonly GivenIceServer[] | IceServerSource,
  clock: Pick<Clock, 'now'>,
): (label: string) => MintedIceServers {
  if (typeof given !== 'function') {
    const minted = { servers: checkIceServers(given), untilMs: Infinity }
    return () => minted
  }
  const mint = (label: string): MintedIceServers => {
    const { servers, untilMs } = given({ label, nowMs: clock.now() })
    return { servers: checkIceServers(servers), untilMs }
  }
  mint(LABEL_OF_CHECK)
  return mint
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

/** As long as the labels of connections. */
const LABEL_OF_CHECK = 'aaaaaaaaaaaa'

const EXPECTED =
  'it needs "urls" with stun: or turn: addresses, for turn: also "username" and "credential", and nothing else'
