import type { Hub } from '../hub.ts'

/** Numbers of a process about itself. */
export interface ProcessNumbers {
  readonly residentBytes: number
  readonly heapBytes: number
  /** Seconds that the event loop was late since the last question: the middle, the hundredth worst, the worst. */
  readonly lag: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly startedS: number
  readonly cpuS: number
}

/**
 * A hub in numbers, in the text format of Prometheus. Its labels are words of this package; there are no names, ids or
 * addresses, so nothing that a client sends gets into it. spec H52
 */
export function metricsText(
  hub: Pick<Hub, 'stats' | 'state' | 'limits'>,
  of: ProcessNumbers,
): string {
  const stats = hub.stats()
  const { connections, channels, addresses, guardedChannels, subscriptions } = hub.limits
  return [
    gauge('ready', 'Whether the hub takes connections.', hub.state === 'ready' ? 1 : 0),
    gauge('connections', 'Open connections.', stats.connections),
    gauge('rooms', 'Rooms with somebody in them.', stats.channels),
    gauge('guarded_channels', 'Private and presence channels.', stats.guardedChannels),
    gauge('subscriptions', 'Subscriptions to them.', stats.subscriptions),
    gauge('addresses', 'Addresses that are remembered for their limits.', stats.addresses),
    family('limit', 'gauge', 'The bounds of these.', {
      label: 'of',
      values: {
        ...{ connections, rooms: channels, addresses },
        ...{ guarded_channels: guardedChannels, subscriptions },
      },
    }),
    counter('admitted_total', 'Connections that were let in.', stats.admitted),
    counters('refused_total', 'Connections that were refused.', {
      label: 'rule',
      values: stats.refused,
    }),
    counters('sockets_ended_total', 'Connections that were ended before they were WebSockets.', {
      label: 'rule',
      values: stats.sockets,
    }),
    counters('ended_total', 'Connections that ended.', { label: 'reason', values: stats.ended }),
    counter('received_total', 'Messages of clients.', stats.received),
    counter('received_bytes_total', 'Bytes of them.', stats.receivedBytes),
    counter('delivered_total', 'Messages that were handed to connections.', stats.delivered),
    counter('pauses_total', 'Times that a connection was not read, for the engine.', stats.pauses),
    counters('dropped_total', 'Messages that were not relayed.', {
      label: 'reason',
      values: stats.dropped,
    }),
    counters('decisions_total', 'Answers to those who asked for a channel.', {
      label: 'answer',
      values: stats.decisions,
    }),
    counters('grants_ended_total', 'Grants that ended before the client left.', {
      label: 'reason',
      values: stats.grantsEnded,
    }),
    counters('signals_total', 'Signals to connections.', {
      label: 'fate',
      values: stats.signals,
    }),
    counters('api_total', 'Answers to the servers of applications.', {
      label: 'answer',
      values: stats.api,
    }),
    counters(
      'webhooks_total',
      'Deliveries to them, attempts that failed, events that were dropped.',
      {
        label: 'fate',
        values: stats.webhooks,
      },
    ),
    counters('failed_total', 'Failures.', { label: 'part', values: stats.failed }),
    gauge('resident_memory_bytes', 'Memory of the process.', of.residentBytes),
    gauge('heap_bytes', 'Memory of its heap that is in use.', of.heapBytes),
    family(
      'event_loop_lag_seconds',
      'gauge',
      'How late the event loop was since the last question.',
      {
        label: 'quantile',
        values: { '0.5': of.lag.p50, '0.99': of.lag.p99, '1.0': of.lag.max },
      },
    ),
    counter('cpu_seconds_total', 'Time of processors.', of.cpuS),
    gauge('start_time_seconds', 'When the process started, since 1970.', of.startedS),
    '',
  ].join('\n')
}

interface Labelled {
  readonly label: string
  readonly values: Readonly<Record<string, number>>
}

const gauge = (name: string, help: string, value: number): string =>
  family(name, 'gauge', help, value)
const counter = (name: string, help: string, value: number): string =>
  family(name, 'counter', help, value)
const counters = (name: string, help: string, values: Labelled): string =>
  family(name, 'counter', help, values)

function family(name: string, type: string, help: string, given: number | Labelled): string {
  const full = `conclave_${name}`
  const lines =
    typeof given === 'number'
      ? [`${full} ${given}`]
      : Object.entries(given.values).map(
          ([of, value]) => `${full}{${given.label}="${of}"} ${value}`,
        )
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines].join('\n')
}
