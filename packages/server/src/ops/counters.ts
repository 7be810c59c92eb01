import { CLOSE_CODES } from '@conclave/wire'
import type { RefusedReason, UnsubscribedReason } from '@conclave/wire'
import { API_OUTCOMES } from '../api/api-answer.ts'
import type { ApiOutcome } from '../api/api-answer.ts'
import { REFUSAL_RULES } from '../door/admission.ts'
import type { RefusalRule } from '../door/admission.ts'
import { SOCKET_RULES } from '../door/socket-budget.ts'
import type { SocketRule } from '../door/socket-budget.ts'
import { LOG_PARTS } from './log.ts'
import type { LogEvent, LogPart } from './log.ts'

/** Numbers about a hub since it started. They contain no ids. */
export interface HubStats {
  readonly connections: number
  readonly channels: number
  /** Addresses that are remembered for their limits. */
  readonly addresses: number
  /** Connections that were let in. */
  readonly admitted: number
  /** Upgrades that were refused, by rule. */
  readonly refused: Readonly<Record<RefusalRule, number>>
  /** Connections that were ended before they were WebSockets, by rule. */
  readonly sockets: Readonly<Record<SocketRule, number>>
  /** Connections that ended: by the reason of the hub's close code, or `left` and `lost` for those that the client ended. */
  readonly ended: Readonly<Record<string, number>>
  /** Messages received from clients, control and data. */
  readonly received: number
  readonly receivedBytes: number
  /** Frames handed to connections for delivery. */
  readonly delivered: number
  /** How often the hub stopped reading a connection until the engine had answered. */
  readonly pauses: number
  /** Guarded channels that are open, and the subscriptions to them. spec G31 */
  readonly guardedChannels: number
  readonly subscriptions: number
  /** Answers to those who asked for rights in a guarded channel. */
  readonly decisions: Readonly<Record<'granted' | 'denied' | 'unavailable', number>>
  /** Grants that ended before the client said so, by reason. */
  readonly grantsEnded: Readonly<Record<UnsubscribedReason, number>>
  /** Signals that were handed to connections, and those that were dropped. */
  readonly signals: Readonly<Record<'sent' | 'dropped', number>>
  /** Answers to the servers of applications, by their codes. spec G74 */
  readonly api: Readonly<Record<ApiOutcome, number>>
  /** Deliveries that such a server took, attempts that failed, and events that were dropped. spec G80 */
  readonly webhooks: Readonly<Record<'delivered' | 'failed' | 'dropped', number>>
  /** Messages that were not relayed, by reason. */
  readonly dropped: Readonly<Record<RefusedReason, number>>
  /** Failures, by part of the hub. */
  readonly failed: Readonly<Record<LogPart, number>>
}

/** The counts behind {@link HubStats}. */
export class Counters {
  admitted = 0
  received = 0
  receivedBytes = 0
  delivered = 0
  pauses = 0
  readonly refused: Record<RefusalRule, number> = zeros(REFUSAL_RULES)
  readonly sockets: Record<SocketRule, number> = zeros(SOCKET_RULES)
  readonly ended: Record<string, number> = zeros(END_REASONS)
  readonly failed: Record<LogPart, number> = zeros(LOG_PARTS)
  readonly dropped: Record<RefusedReason, number> = {
    rate: 0,
    'too-large': 0,
    absent: 0,
    'unknown-channel': 0,
    malformed: 0,
    denied: 0,
    unavailable: 0,
  }

  readonly decisions = { granted: 0, denied: 0, unavailable: 0 }
  readonly grantsEnded: Record<UnsubscribedReason, number> = zeros(UNSUBSCRIBED_REASONS)
  readonly signals = { sent: 0, dropped: 0 }
  readonly api: Record<ApiOutcome, number> = zeros(API_OUTCOMES)
  readonly webhooks = { delivered: 0, failed: 0, dropped: 0 }

  /** Counts an event that is logged, whether somebody reads the log or not. */
  count(event: LogEvent): void {
    if (event.event === 'upgradeRefused') this.refused[event.rule] += 1
    if (event.event === 'socketEnded') this.sockets[event.rule] += 1
    if (event.event === 'failed') this.failed[event.part] += 1
    if (event.event !== 'connectionEnded') return
    const reason = event.by === 'hub' ? REASON_BY_CODE.get(event.code) : undefined
    const ended = reason ?? (event.code === 1000 || event.code === 1001 ? 'left' : 'lost')
    this.ended[ended] = (this.ended[ended] ?? 0) + 1
  }

  /** A copy, with what is there at the moment. */
  snapshot(now: Pick<HubStats, Gauge>): HubStats {
    const { admitted, received, receivedBytes, delivered, pauses } = this
    const { refused, sockets, ended, failed, dropped } = this
    const { decisions, grantsEnded, signals, api, webhooks } = this
    return {
      ...now,
      ...{ admitted, received, receivedBytes, delivered, pauses },
      ...{ refused: { ...refused }, sockets: { ...sockets }, ended: { ...ended } },
      ...{ failed: { ...failed }, dropped: { ...dropped }, decisions: { ...decisions } },
      ...{ grantsEnded: { ...grantsEnded }, signals: { ...signals } },
      ...{ api: { ...api }, webhooks: { ...webhooks } },
    }
  }
}

/** The numbers that are true at a moment. */
type Gauge = 'connections' | 'channels' | 'addresses' | 'guardedChannels' | 'subscriptions'

function zeros<T extends string>(names: readonly T[]): Record<T, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>
}

const UNSUBSCRIBED_REASONS = ['expired', 'revoked', 'kicked', 'banned'] as const
const REASON_BY_CODE: ReadonlyMap<number, string> = new Map(
  Object.values(CLOSE_CODES).map(({ code, reason }) => [code, reason]),
)
const END_REASONS = ['left', 'lost', ...REASON_BY_CODE.values()]
