import { createMemoryEngine } from '@conclave/server'
import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import { VirtualClock } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import { answerHealth } from '../../src/http/health.ts'
import { metricsText } from '../../src/ops/metrics.ts'
import { createTestHub } from '../support.ts'

const PROCESS = {
  ...{ residentBytes: 100, heapBytes: 50, startedS: 5, cpuS: 0.5 },
  lag: { p50: 0.001, p99: 0.002, max: 0.003 },
}

test('[H52] every refusal, end and drop is counted under its word', async () => {
  const { hub } = createTestHub()
  const room = await createTestRoom()
  const alice = new MemoryClient(hub)
  await alice.join(room)
  await alice.connection.receive('nonsense')
  const mallory = new MemoryClient(hub)
  await mallory.connection.receive('nonsense')
  mallory.close(1006)
  new MemoryClient(hub).close(1000)
  const request = { target: '/hub', host: 'meet.example', protocols: 'conclave.v1', address: '::1' }
  hub.admit({ ...request, origin: 'https://mallory.example' })
  hub.admit({ ...request, origin: undefined })
  const text = metricsText(hub, PROCESS)
  const lines = [
    'conclave_ready 1',
    'conclave_connections 1',
    'conclave_rooms 1',
    'conclave_addresses 1',
    'conclave_limit{of="connections"} 10000',
    'conclave_admitted_total 3',
    'conclave_refused_total{rule="origin"} 1',
    'conclave_refused_total{rule="no-origin"} 1',
    'conclave_refused_total{rule="host"} 0',
    'conclave_ended_total{reason="bad-handshake"} 1',
    'conclave_ended_total{reason="left"} 1',
    'conclave_ended_total{reason="lost"} 0',
    'conclave_dropped_total{reason="malformed"} 1',
    'conclave_received_total 3',
    'conclave_event_loop_lag_seconds{quantile="0.99"} 0.002',
    'conclave_resident_memory_bytes 100',
  ]
  expect(text.split('\n')).toEqual(expect.arrayContaining(lines))
})

test('[H52] the text has the form that Prometheus reads', () => {
  const { hub } = createTestHub()
  const text = metricsText(hub, PROCESS)
  expect(text.endsWith('\n')).toBe(true)
  const lines = text.trimEnd().split('\n')
  const values = lines.filter((line) => !line.startsWith('#'))
  const types = lines.flatMap((line) => /^# TYPE (\w+) (?:gauge|counter)$/.exec(line)?.[1] ?? [])
  for (const line of values)
    expect(line).toMatch(/^conclave_[a-z_]+(?:\{[a-z]+="[\w.-]+"\})? \d+(?:\.\d+)?$/)
  expect(new Set(values.map((line) => /^\w+/.exec(line)?.[0]))).toEqual(new Set(types))
  expect(new Set(types).size).toBe(types.length)
})

test('[H51] an engine that is away makes the hub unready, and not unhealthy', async () => {
  let isAvailable = true
  const clock = new VirtualClock()
  const engine = { ...createMemoryEngine({ clock }), isAvailable: () => isAvailable }
  const { hub } = createTestHub({ engine })
  const answers = (): unknown[] => [answerHealth('/healthz', hub), answerHealth('/readyz', hub)]
  const good = { status: 200, body: '{"status":"ok"}' }
  expect(answers()).toEqual([good, good])
  isAvailable = false
  expect(answers()).toEqual([good, { status: 503, body: '{"status":"unavailable"}' }])
  expect(metricsText(hub, PROCESS)).toContain('\nconclave_ready 0\n')
  isAvailable = true
  void hub.drain()
  const draining = { status: 503, body: '{"status":"draining"}' }
  expect(answers()).toEqual([draining, draining])
})
