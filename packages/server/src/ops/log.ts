import { RateLimiter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { RefusalRule } from '../door/admission.ts'

/** The events that a hub logs, with numbers and codes. No field takes free text. spec H32 */
export type LogEvent =
  | { readonly event: 'ready'; readonly port: number }
  | { readonly event: 'upgradeRefused'; readonly status: number; readonly rule: RefusalRule }
  | {
      readonly event: 'connectionEnded'
      readonly code: number
      readonly durationMs: number
      readonly received: number
      readonly dropped: number
    }
  | { readonly event: 'failed'; readonly part: LogPart }
  | { readonly event: 'draining'; readonly connections: number }
  | { readonly event: 'stopped' }

/** The part of a hub that failed. The cause is not logged, because it could quote a client. */
export type LogPart = 'engine' | 'http' | 'socket'

/** Receives finished lines of JSON, without a line end. */
export type LogSink = (line: string) => void

/** Writes events as lines. */
export type Log = (event: LogEvent) => void

/**
 * The only way to a log. Checks again what the types let through: leaves out fields that the event does not have, and
 * values that are neither numbers nor known codes. Writes at most 50 lines a second, 500 at once; the next line says
 * how many were suppressed. spec H32
 */
export function createLog(sink: LogSink | undefined, clock: Clock): Log {
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
  ready: new Set(['port']),
  upgradeRefused: new Set(['status', 'rule']),
  connectionEnded: new Set(['code', 'durationMs', 'received', 'dropped']),
  failed: new Set(['part']),
  draining: new Set(['connections']),
  stopped: new Set(),
}

const CODE_TABLE: Readonly<Record<LogPart | RefusalRule, true>> = {
  ...{ engine: true, http: true, socket: true },
  ...{ draining: true, path: true, attempts: true, addresses: true, host: true, origin: true },
  ...{ 'no-origin': true, subprotocol: true },
  ...{ 'connections-of-address': true, connections: true },
}
const CODES: ReadonlySet<string> = new Set(Object.keys(CODE_TABLE))
