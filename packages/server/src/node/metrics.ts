import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { answerHealth, HEALTH_PATHS } from '../http/health.ts'
import type { Hub } from '../hub.ts'
import { metricsText } from '../ops/metrics.ts'
import { listen } from './listen.ts'

/** A listener for operators. */
export interface ServedMetrics {
  readonly port: number
  close(): Promise<void>
}

/**
 * Serves `/metrics` for Prometheus, `/healthz` and `/readyz` on an address apart from the public one: whoever may ask there learns
 * how much the hub has to do. spec H52
 *
 * @throws ServerError `ERR_SERVER_PORT_TAKEN`, `ERR_SERVER_ADDRESS`
 */
export async function serveMetrics({
  hub,
  port: wanted,
  hostname = '127.0.0.1',
}: {
  readonly hub: Hub
  /** 0 picks a free one. */
  readonly port: number
  /** Default: 127.0.0.1. */
  readonly hostname?: string
}): Promise<ServedMetrics> {
  const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  lag.enable()
  const server = createServer(
    { requestTimeout: 5000, maxHeaderSize: 8192 },
    (request, response) => {
      const path = request.method === 'GET' ? request.url : undefined
      const health = HEALTH_PATHS.find((name) => name === path)
      const { status, body } =
        health !== undefined
          ? answerHealth(health, hub)
          : path === '/metrics'
            ? { status: 200, body: metricsText(hub, processNumbers(lag)) }
            : { status: 404, body: '404\n' }
      const type = health === undefined ? METRICS_TYPE : 'application/json'
      response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' })
      response.end(body)
    },
  )
  server.maxConnections = MAX_CONNECTIONS
  server.headersTimeout = 5000
  await listen(server, { hostname, port: wanted, setting: 'METRICS_PORT' })
  server.on('error', () => hub.log({ event: 'failed', part: 'metrics' }))
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      lag.disable()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function processNumbers(
  lag: ReturnType<typeof monitorEventLoopDelay>,
): Parameters<typeof metricsText>[1] {
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  // The monitor counts its own interval too, and knows nothing before the first one is over.
  const late = (ns: number): number =>
    Math.max(0, Number.isFinite(ns) ? Math.round(ns / 1000 - 1000 * RESOLUTION_MS) / 1e6 : 0)
  const p99 = lag.percentile(99)
  const numbers = { p50: late(lag.percentile(50)), p99: late(p99), max: late(lag.max) }
  lag.reset()
  return {
    residentBytes: rss,
    heapBytes: heapUsed,
    lag: numbers,
    startedS: Math.round(performance.timeOrigin / 1000),
    cpuS: (user + system) / 1e6,
  }
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const RESOLUTION_MS = 10
const MAX_CONNECTIONS = 64
