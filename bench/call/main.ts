/**
 * Time to the first decoded frame, and CPU of a 720p30 call: sealed frames against a transform that does nothing, in
 * the same browser, in turns.
 *
 * @module
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright'
import { type InlineConfig, build, defaultClientConditions, preview } from 'vite'
import { chromiumArgs, findChromium } from '../../tools/browsers.ts'
import { cpuSeconds } from '../process-tree.ts'
import { median, percentile, printResult, spread } from '../table.ts'
import type { Variant } from './page.ts'

const connectRounds = 25
const cpuRounds = 5
const cpuRoundMs = 8000
const variants: readonly Variant[] = ['sealed', 'pass-through']

const config = {
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'warn',
  resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
  worker: { format: 'es' },
  build: {
    outDir: join(import.meta.dirname, '../../node_modules/.cache/bench-call'),
    target: 'es2022',
    emptyOutDir: true,
  },
  preview: { host: '127.0.0.1', port: 0 },
} satisfies InlineConfig
await build(config)
const server = await preview(config)
const address = server.httpServer.address() as AddressInfo

const context = await chromium.launchServer({
  executablePath: findChromium() ?? 'chromium',
  args: [...chromiumArgs, '--use-fake-device-for-media-stream=fps=30'],
})
const browser = await chromium.connect(context.wsEndpoint())
const page = await browser.newPage()
await page.goto(`http://127.0.0.1:${address.port}/`)
await page.waitForFunction(() => 'bench' in window)

const connectMs: Record<Variant, number[]> = { sealed: [], 'pass-through': [] }
for (let round = 0; round <= connectRounds; round += 1) {
  for (const variant of variants) {
    const ms = await page.evaluate((which) => window.bench.start(which), variant)
    await page.evaluate(() => window.bench.stop())
    // The first round compiles and fills caches.
    if (round > 0) connectMs[variant].push(ms)
  }
}

const cpuPoints: Record<Variant, number[]> = { sealed: [], 'pass-through': [] }
const framesPerSecond: Record<Variant, number[]> = { sealed: [], 'pass-through': [] }
let size = ''
for (let round = 0; round < cpuRounds; round += 1) {
  for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
    await page.evaluate((which) => window.bench.start(which), variant)
    // Connecting and the first key frames are not what a running call costs.
    await sleep(4000)
    const before = {
      cpu: cpuSeconds(context.process().pid),
      at: performance.now(),
      ...(await frames()),
    }
    await sleep(cpuRoundMs)
    const after = {
      cpu: cpuSeconds(context.process().pid),
      at: performance.now(),
      ...(await frames()),
    }
    const seconds = (after.at - before.at) / 1000
    cpuPoints[variant].push((100 * (after.cpu - before.cpu)) / seconds)
    framesPerSecond[variant].push((after.decoded - before.decoded) / seconds)
    size = `${after.width}x${after.height}`
    await page.evaluate(() => window.bench.stop())
  }
}
await browser.close()
await context.close()
await server.close()

const perPair = cpuPoints.sealed.map((points, at) => points - (cpuPoints['pass-through'][at] ?? 0))
console.log(
  `video ${size}; ${connectRounds} calls and ${cpuRounds} rounds of ${cpuRoundMs / 1000} s each, in turns`,
)
console.log(
  `sealing costs ${median(perPair).toFixed(1)} points of a core more (median of pairs; ${spread(
    perPair,
  )
    .map((points) => points.toFixed(1))
    .join(' to ')})`,
)
printResult('call', [
  row('connect', 'first decoded frame, median', 'ms', connectMs, median, 'lower'),
  row(
    'connect',
    'first decoded frame, 95th percentile',
    'ms',
    connectMs,
    (v) => percentile(v, 0.95),
    'lower',
  ),
  row('720p30', 'CPU of both ends', 'points of a core', cpuPoints, median, 'lower'),
  row('720p30', 'frames decoded', '1/s', framesPerSecond, median, 'higher'),
])

function row(
  name: string,
  metric: string,
  unit: string,
  values: Record<Variant, number[]>,
  summarise: (values: readonly number[]) => number,
  better: 'lower' | 'higher',
): Parameters<typeof printResult>[1][number] {
  return {
    case: name,
    metric,
    unit,
    ours: summarise(values.sealed),
    peers: { 'pass-through': summarise(values['pass-through']) },
    better,
    spread: spread(values.sealed),
  }
}

function frames(): Promise<{ decoded: number; width: number; height: number }> {
  return page.evaluate(() => window.bench.frames())
}
