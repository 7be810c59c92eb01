/**
 * Calls of 2, 3, 4 and 6 members over a mesh, all on this machine: pictures, the newcomer's first pictures, CPU, memory
 * and bandwidth by size. Each member is a page in real Chromium with the app's camera, over a real hub.
 *
 * `--sizes 2,6` chooses the sizes, `--seconds N` how long each is measured. Fails when six miss the goals. `--raw` measures the same mesh
 * in WebRTC of the browser only, without encryption of frames, always at the last level of a mesh: what of the CPU is not ours.
 *
 * @module
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { chromium, type Page } from 'playwright'
import { type InlineConfig, build, defaultClientConditions } from 'vite'
import { chromiumArgs, findChromium } from '../../tools/browsers.ts'
import { cpuSeconds, memoryMegabytes } from '../process-tree.ts'
import { median } from '../table.ts'

const SETTLE_MS = 6000
const GOAL = { framesPerSecond: 10, width: 320, height: 180, firstPictureMs: 3000 }
const sizes = (valueOf('--sizes') ?? '2,3,4,6').split(',').map(Number)
const isRaw = process.argv.includes('--raw')
const measuredMs = 1000 * Number(valueOf('--seconds') ?? 8)

const outDir = join(import.meta.dirname, '../../node_modules/.cache/bench-mesh')
await build({
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'warn',
  resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
  worker: { format: 'es' },
  build: { outDir, target: 'es2022', emptyOutDir: true },
} satisfies InlineConfig)
const served = await serve({
  port: 0,
  staticDir: outDir,
  hub: ({ port }) =>
    createHub({ engine: createMemoryEngine(), origins: [`http://localhost:${port}`] }),
})

const results: MeshResult[] = []
for (const size of sizes) {
  const result = await measure(size)
  console.error(JSON.stringify(result))
  results.push(result)
}
await served.close()
print()
process.exitCode = results.some(({ size, missed }) => size === 6 && missed) ? 1 : 0

interface MeshResult {
  readonly size: number
  readonly streams: number
  readonly cores: number
  readonly memory: number
  /** Pictures a second. */
  readonly slowest: number
  readonly middle: number
  /** Heights, as if all were of one shape. */
  readonly smallest: number
  readonly tallest: number
  readonly firstMs: number
  readonly lastMs: number
  /** Megabits a second of one member. */
  readonly up: number
  readonly down: number
  readonly limitedBy: Readonly<Record<string, number>>
  readonly missed: boolean
}

async function measure(size: number): Promise<MeshResult> {
  const launched = await chromium.launchServer({
    executablePath: findChromium() ?? 'chromium',
    args: [...chromiumArgs, '--use-fake-device-for-media-stream=fps=30'],
  })
  const browser = await chromium.connect(launched.wsEndpoint())
  const { pid } = launched.process()
  const pages: Page[] = []
  let link = ''
  let first: number[] = []
  for (let others = 0; others < size; others += 1) {
    const page = await (await browser.newContext()).newPage()
    pages.push(page)
    await page.goto(`http://localhost:${served.port}/`)
    await page.waitForFunction(() => 'meshBench' in window)
    if (isRaw) {
      first = [await joinRaw(pages)]
      continue
    }
    if (others === 0) link = await page.evaluate(() => window.meshBench.makeLink())
    first = await page.evaluate(([to, count]) => window.meshBench.join(to, count), [
      link,
      others,
    ] as const)
    console.error(`${size}: member ${others + 1} sees the others after ${first.join(', ')} ms`)
    for (const earlier of pages.slice(0, -1)) {
      await earlier.evaluate((count) => window.meshBench.showsSince(count), others)
    }
    // Those who come to a call rarely come in the same second.
    await sleep(1500)
  }
  await sleep(SETTLE_MS)
  const sampleAll = () =>
    Promise.all(pages.map((page) => page.evaluate(() => window.meshBench.sample())))
  const [before, cpuBefore, startedAt] = [await sampleAll(), cpuSeconds(pid), performance.now()]
  await sleep(measuredMs)
  const [cpuAfter, endedAt] = [cpuSeconds(pid), performance.now()]
  const after = await sampleAll()
  const memory = memoryMegabytes(pid)
  await browser.close()
  await launched.close()

  const rates: number[] = []
  const heights: number[] = []
  const [up, down]: [number[], number[]] = [[], []]
  const limitedBy: Record<string, number> = {}
  for (const [at, late] of after.entries()) {
    const early = before[at]
    if (early === undefined) continue
    const seconds = (late.atMs - early.atMs) / 1000
    for (const [index, stream] of late.streams.entries()) {
      rates.push((stream.shown - (early.streams[index]?.shown ?? 0)) / seconds)
      heights.push(Math.min(stream.height, (stream.width * GOAL.height) / GOAL.width))
    }
    up.push(((late.bytesSent - early.bytesSent) * 8) / seconds / 1e6)
    down.push(((late.bytesReceived - early.bytesReceived) * 8) / seconds / 1e6)
    for (const [reason, count] of Object.entries(late.limitedBy)) {
      limitedBy[reason] = (limitedBy[reason] ?? 0) + count
    }
  }
  const cores = (cpuAfter - cpuBefore) / ((endedAt - startedAt) / 1000)
  const [slowest, smallest] = [Math.min(...rates), Math.min(...heights)]
  const missed =
    slowest < GOAL.framesPerSecond ||
    smallest < GOAL.height ||
    Math.min(...first) > GOAL.firstPictureMs
  const [firstMs, lastMs] = [Math.min(...first), Math.max(...first)]
  return {
    ...{ size, cores, memory, slowest, smallest, firstMs, lastMs, limitedBy, missed },
    ...{ middle: median(rates), tallest: Math.max(...heights), streams: rates.length },
    ...{ up: median(up), down: median(down) },
  }
}

/** The last page comes to the others; returns when it shows them all, in milliseconds. */
async function joinRaw(pages: readonly Page[]): Promise<number> {
  const [newcomer] = pages.slice(-1)
  if (newcomer === undefined) throw new Error('unreachable: a page')
  await newcomer.evaluate(() => window.meshBench.raw())
  const startedAt = Date.now()
  for (const other of pages.slice(0, -1)) {
    await connect(newcomer, other, pages)
    await connect(other, newcomer, pages)
  }
  if (pages.length === 1) return 0
  const shownAt = await newcomer.evaluate(
    (count) => window.meshBench.showsSince(count),
    pages.length - 1,
  )
  return shownAt - startedAt
}

async function connect(from: Page, to: Page, pages: readonly Page[]): Promise<void> {
  const name = String(pages.indexOf(to))
  const offer = await from.evaluate((peer) => window.meshBench.offer(peer), name)
  const answer = await to.evaluate((sdp) => window.meshBench.answer(sdp), offer)
  await from.evaluate(([peer, sdp]) => window.meshBench.accept(peer, sdp), [name, answer] as const)
}

function print(): void {
  const columns = ['members', ...results.map(({ size }) => String(size))]
  const line = (name: string, of: (result: MeshResult) => string): string[] => [
    name,
    ...results.map(of),
  ]
  const rows = [
    columns,
    columns.map(() => '---'),
    line('streams', ({ streams }) => String(streams)),
    line(
      'pictures a second, slowest and median stream',
      ({ slowest, middle }) => `${slowest.toFixed(1)}, ${middle.toFixed(1)}`,
    ),
    line(
      'height, smallest and largest stream',
      ({ smallest, tallest }) => `${smallest}, ${tallest}`,
    ),
    line(
      "newcomer's first and last first picture",
      ({ firstMs, lastMs }) => `${firstMs}, ${lastMs} ms`,
    ),
    line('CPU of all, cores', ({ cores }) => cores.toFixed(2)),
    line('CPU of a member, cores', ({ cores, size }) => (cores / size).toFixed(2)),
    line('memory of a member, MB', ({ memory, size }) => (memory / size).toFixed(0)),
    line('sent by a member, Mbit/s', ({ up }) => up.toFixed(2)),
    line('received by a member, Mbit/s', ({ down }) => down.toFixed(2)),
    line('encoders limited by', ({ limitedBy }) =>
      Object.entries(limitedBy)
        .map(([reason, count]) => `${reason} ${count}`)
        .join(', '),
    ),
  ]
  for (const cells of rows) console.log(`| ${cells.join(' | ')} |`)
  if (process.argv.includes('--json')) console.log(JSON.stringify({ name: 'mesh', results }))
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}
