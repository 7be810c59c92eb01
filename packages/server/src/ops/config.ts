import { localOrigins, parseOrigin } from '../door/origin.ts'
import { isBasePath } from '../http/http-policy.ts'
import { parseIceServers } from './ice-servers.ts'

/** The configuration of the command `conclave-hub`. */
export interface Config {
  readonly port: number
  readonly hostname: string
  readonly origins: readonly string[]
  /** Path under which a reverse proxy shows the app; begins and ends with a slash. */
  readonly basePath: string
  /** Number of reverse proxies in front whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: number
  /** Folder of the built app, if one was named. */
  readonly app: string | undefined
  readonly isLogging: boolean
  /** STUN and TURN servers, as they were written: `createHub` checks them. */
  readonly iceServers: unknown
}

/** A configuration, or one sentence that says what is wrong. */
export type ConfigResult =
  | { readonly type: 'ok'; readonly config: Config }
  | { readonly type: 'invalid'; readonly message: string }

/**
 * Parses the environment. A variable that is set and makes no sense is an error, never replaced by a default. spec H33
 *
 * @param readFile the text of a file that a variable names; `undefined` when it cannot be read
 */
export function parseConfig(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (name: string) => string | undefined = () => undefined,
): ConfigResult {
  const valueOf = (name: string): string | undefined => environment[name]?.trim() || undefined
  const port = parseInteger(valueOf('PORT') ?? '8080', 1, 65_535)
  if (port === undefined) return invalid('PORT must be a number from 1 to 65535', valueOf('PORT'))
  const hostname = valueOf('HOST') ?? '127.0.0.1'
  if (!/^[\w.:-]{1,255}$/.test(hostname))
    return invalid('HOST must be a name or an IP address', hostname)
  const origins = parseOrigins(valueOf('PUBLIC_ORIGIN'), port)
  if (typeof origins === 'string') {
    return invalid(
      'PUBLIC_ORIGIN must list origins such as https://meet.example, without a path, the one of the hub among them',
      origins,
    )
  }
  const basePath = valueOf('BASE_PATH') ?? '/'
  if (!isBasePath(basePath)) {
    return invalid('BASE_PATH must be a path such as /meet/, with a slash at both ends', basePath)
  }
  const trustedProxies = parseInteger(valueOf('TRUST_PROXY') ?? '0', 0, 10)
  if (trustedProxies === undefined) {
    return invalid(
      'TRUST_PROXY must be the number of proxies, from 0 to 10',
      valueOf('TRUST_PROXY'),
    )
  }
  const log = valueOf('CONCLAVE_LOG') ?? 'off'
  if (log !== 'off' && log !== 'json') return invalid('CONCLAVE_LOG must be "json" or "off"', log)
  const app = valueOf('CONCLAVE_APP')
  const iceServers = parseServers(valueOf('ICE_SERVERS') ?? '[]', readFile)
  if (iceServers === undefined) return { type: 'invalid', message: WRONG_ICE_SERVERS }
  return {
    type: 'ok',
    config: {
      ...{ port, hostname, origins, basePath, trustedProxies, app, iceServers },
      isLogging: log === 'json',
    },
  }
}

/** The value of a text of JSON, or of a file with it. */
function parseServers(text: string, readFile: (name: string) => string | undefined): unknown {
  if (/^[[{]/.test(text)) return parseIceServers(text)
  const inFile = readFile(text)
  return inFile === undefined ? undefined : parseIceServers(inFile)
}

/** The origins, or the part of the list that is not an origin. */
function parseOrigins(list: string | undefined, port: number): readonly string[] | string {
  if (list === undefined) return localOrigins(port)
  const origins: string[] = []
  for (const text of list.split(',').map((part) => part.trim())) {
    const origin = parseOrigin(text)
    if (origin === undefined) return text
    origins.push(origin)
  }
  // The hub's own host is among these; an app with its own scheme does not name it.
  if (!origins.some((origin) => /^https?:/.test(origin))) return list
  return origins
}

function parseInteger(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  return value >= min && value <= max ? value : undefined
}

function invalid(rule: string, got: string | undefined): ConfigResult {
  return { type: 'invalid', message: `${rule}, but it is ${JSON.stringify(got ?? '')}.` }
}

/** Without what it is: it may hold credentials. */
const WRONG_ICE_SERVERS =
  'ICE_SERVERS must be a list of STUN and TURN servers in JSON, or the name of a file with one that can be read.'
