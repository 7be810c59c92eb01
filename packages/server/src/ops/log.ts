import { RateLimiter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { REFUSAL_RULES } from '../door/admission.ts'
import type { RefusalRule } from '../door/admission.ts'
import { parseOrigin } from '../door/origin.ts'
import { SOCKET_RULES } from '../door/socket-budget.ts'
import type { SocketRule } from '../door/socket-budget.ts'

/** The events that a hub logs, with numbers and codes. No field takes free text. spec H32 */
export type LogEvent =
  /** `boundBytes`: the memory that the hub takes at most, whatever clients do, with that of its TLS. spec H44 */
  | { readonly event: 'ready'; readonly port: number; readonly boundBytes: number }
  | {
      readonly event: 'upgradeRefused'
      readonly status: number
      readonly rule: RefusalRule
      /** As the client sent it. Gets into a line at the level `debug` only, when it has the form of one. spec H54 */
      readonly origin?: string | undefined
      readonly host?: string | undefined
    }
  | {
      readonly event: 'connectionEnded'
      readonly code: number
      /** The side that gave the code. */
      readonly by: 'hub' | 'client'
      readonly durationMs: number
      readonly received: number
      readonly dropped: number
    }
  | { readonly event: 'failed'; readonly part: LogPart }
  /** A connection ended before it was a WebSocket. spec H40, H41 */
  | { readonly event: 'socketEnded'; readonly rule: SocketRule }
  | { readonly event: 'tlsReloaded' }
  /** A proxy adds addresses of clients, and is not among those that are believed. Said once. spec H49 */
  | { readonly event: 'proxyNotTrusted' }
  | { readonly event: 'draining'; readonly connections: number; readonly waves: number }
  | { readonly event: 'stopped' }

/** The parts of a hub that may fail. */
export const LOG_PARTS = [
  'engine',
  'access',
  'http',
  'socket',
  'tls',
  'metrics',
  'webhook',
] as const

/** The part of a hub that failed. The cause is not logged, because it could quote a client. */
export type LogPart = (typeof LOG_PARTS)[number]

/** `debug` adds origin and host of refused upgrades. spec H54 */
export type LogLevel = 'info' | 'debug'

/** Receives finished lines of JSON, without a line end. */
export type LogSink = (line: string) => void

/** Writes events as lines. */
export type Log = (event: LogEvent) => void

/**
 * The only way to a log. Checks again what the types let through: leaves out fields that the event does not have, and
 * values that are neither numbers nor known codes. Writes at most 50 lines a second, 500 at once; the next line says
 * how many were suppressed. spec H32
 */
export function createLog(
  sink: LogSink | undefined,
  { clock, level = 'info' }: { readonly clock: Clock; readonly level?: LogLevel },
): Log {
  if (sink === undefined) return () => {}
  const limiter = new RateLimiter({ perSecond: 50, burst: 500 })
  let suppressed = 0
  return (event) => {
    const fields = FIELDS[event.event]
    if (fields === undefined) return
    const nowMs = clock.now()
    if (!limiter.take(nowMs)) {
      suppressed += 1
      return
    }
    const line: Record<string, number | string> = { time: Math.round(nowMs), event: event.event }
    for (const [name, value] of Object.entries(event)) {
      if (fields.has(name) && isLoggable(value)) line[name] = value
      if (level === 'debug' && DEBUG_FIELDS[name]?.(value) === true) line[name] = value as string
    }
    if (suppressed > 0) line['suppressed'] = suppressed
    suppressed = 0
    sink(JSON.stringify(line))
  }
}

function isLoggable(value: unknown): value is number | string {
  return typeof value === 'string' ? CODES.has(value) : Number.isFinite(value)
}

const FIELDS: Readonly<Record<LogEvent['event'], ReadonlySet<string>>> = {
  ready: new Set(['port', 'boundBytes']),
  upgradeRefused: new Set(['status', 'rule']),
  connectionEnded: new Set(['code', 'by', 'durationMs', 'received', 'dropped']),
  failed: new Set(['part']),
  socketEnded: new Set(['rule']),
  tlsReloaded: new Set(),
  proxyNotTrusted: new Set(),
  draining: new Set(['connections', 'waves']),
  stopped: new Set(),
}

/** Fields of the level `debug`, with the form that a value must have: a path, a query or an id has neither. */
const DEBUG_FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  origin: (value) =>
    typeof value === 'string' &&
    (value === 'null' || (isShort(value) && parseOrigin(value) !== undefined)),
  host: (value) =>
    typeof value === 'string' && isShort(value) && /^[a-z\d.-]+(?::\d{1,5})?$/i.test(value),
}
const isShort = (text: string): boolean => text.length <= 262

const CODES: ReadonlySet<string> = new Set([
  ...[...LOG_PARTS, ...REFUSAL_RULES, ...SOCKET_RULES],
  ...['hub', 'client'],
])
