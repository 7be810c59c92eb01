/**
 * A long call whose keys change every 10 s, then 1,000 connections made and closed: what is left of them, in Chromium.
 * `npm run bench -- soak 30 1000`: minutes and connections.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { join } from 'node:path'
import { servePage } from '../../tools/test-pages.ts'
import { heapMb } from '../heap.ts'
import { startCall } from '../rotation/serve.ts'

const minutes = Number(process.argv[2] ?? 30)
const cycles = Number(process.argv[3] ?? 1000)
const everyMs = 10_000
const MAX_GROWTH_MB = 10
/** Chromium collects some tens of closed connections late, with four listeners each; one left by each connection shows. */
const TOLERATED = Math.max(200, cycles / 2)
const faults: string[] = []

const server = await servePage(join(import.meta.dirname, '../rotation'), 'bench-rotation')
const { page, browser } = await startCall('chromium', server.url)
// Code is compiled and caches are filled before the heap is looked at.
for (let i = 0; i < 3; i += 1) await rotate()
for (let i = 0; i < 10; i += 1) await page.evaluate(() => window.rotation.cycle())
const start = await heapMb(page)
const workers = page.workers().length
const held = await count(page)
console.log(
  `heap at the start ${start.toFixed(1)} MB, ${workers} workers, ${held.listeners} listeners, ${held.nodes} nodes`,
)

let gaps: number[] = []
const endsAtMs = performance.now() + minutes * 60_000
for (let decoded = 0; performance.now() < endsAtMs;) {
  gaps = [...gaps, await rotate()]
  const seen = await page.evaluate(() => window.rotation.observe())
  if (seen.decoded <= decoded) faults.push(`no picture came after rotation ${gaps.length}`)
  decoded = seen.decoded
  await sleep(everyMs - 2000)
}
const called = await heapMb(page)
const { dropped } = await page.evaluate(() => window.rotation.observe())
console.log(
  `${minutes} minutes, ${gaps.length} rotations: longest gap ${Math.max(...gaps).toFixed(0)} ms, ${dropped} frames dropped, heap ${called.toFixed(1)} MB`,
)

for (let i = 1; i <= cycles; i += 1) {
  await page.evaluate(() => window.rotation.cycle())
  // Chromium makes no more than 500 connections before it collects those that were closed.
  if (i % 100 === 0) await heapMb(page)
}
await sleep(2000)
const cycled = await heapMb(page)
const { tracks } = await page.evaluate(() => window.rotation.observe())
const left = await count(page)
console.log(
  `${cycles} connections: heap ${cycled.toFixed(1)} MB, ${tracks} tracks held, ${page.workers().length} workers, ${left.listeners} listeners, ${left.nodes} nodes`,
)
if (Math.max(called, cycled) - start > MAX_GROWTH_MB)
  faults.push('the heap grew by more than 10 MB')
if (page.workers().length !== workers) faults.push('workers are left')
if (tracks !== 2) faults.push('tracks are left')
if (left.listeners - held.listeners > TOLERATED) faults.push('listeners are left')
if (left.nodes - held.nodes > TOLERATED) faults.push('nodes are left')
await browser.close()
await server.close()
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1

function rotate(): Promise<number> {
  return page.evaluate(() => window.rotation.longestGapMs('in steps', 100))
}

/** The listeners and nodes that the page holds, workers left out. */
async function count(of: Page): Promise<{ readonly listeners: number; readonly nodes: number }> {
  const { JSEventListeners = 0, Nodes = 0 } = await of.metrics()
  return { listeners: JSEventListeners, nodes: Nodes }
}
