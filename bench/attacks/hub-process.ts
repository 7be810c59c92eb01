/**
 * The hub that is attacked, with its default limits, in a separate process, so that its time and memory are its own.
 *
 * @module
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createHub, createMemoryEngine, localOrigins } from '@conclave/server'
import type { HubStats } from '@conclave/server'
import { serve } from '@conclave/server/node'

/** The hub's figures since it was asked last. */
export interface HubFigures {
  readonly stats: HubStats
  readonly lagMaxMs: number
  /** The most processor time between two looks, of which there is one a turn when turns are long. */
  readonly turnCpuMs: number
  readonly heapMb: number
  /** The heap and the buffers now: those that live, when a collection was asked for. */
  readonly heapBytes: number
}

const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const { limits = {}, port = 0 } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly limits?: object
  readonly port?: number
}
let heapBytes = 0
let turnCpuMs = 0
let spentMs = cpuMs()
setInterval(() => {
  const nowMs = cpuMs()
  turnCpuMs = Math.max(turnCpuMs, nowMs - spentMs)
  spentMs = nowMs
}, 2)
setInterval(() => {
  const { heapUsed, external } = process.memoryUsage()
  heapBytes = Math.max(heapBytes, heapUsed + external)
}, 50)
const served = await serve({
  port,
  hub: (at) =>
    createHub({
      engine: createMemoryEngine(),
      origins: localOrigins(at.port),
      allowNonBrowser: true,
      limits,
    }),
})
process.on('message', (asked) => {
  if (asked === 'collect') globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const figures: HubFigures = {
    stats: served.hub.stats(),
    lagMaxMs: delay.max / 1e6,
    turnCpuMs,
    heapMb: heapBytes / 1_000_000,
    heapBytes: heapUsed + external,
  }
  delay.reset()
  heapBytes = 0
  turnCpuMs = 0
  process.send?.(figures)
})
process.once('disconnect', () => process.exit())
process.send?.(served.port)

/** Processor time of the thread that runs the hub. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
