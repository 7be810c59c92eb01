/**
 * A call that is recorded to disk for a long time, in Chromium: the heap of its page must not grow.
 * `npm run bench -- recording 10`: minutes.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { launchBrowser, servePage } from '../../tools/test-pages.ts'
import { heapMb } from '../heap.ts'

const minutes = Number(process.argv[2] ?? 10)
const MAX_GROWTH_MB = 10
const faults: string[] = []

const server = await servePage(import.meta.dirname, 'bench-recording')
const browser = await launchBrowser('chromium')
const page = await browser.newPage()
page.on('pageerror', (error) => faults.push(`the page failed: ${String(error)}`))
await page.goto(server.url)
await page.waitForFunction(() => 'recording' in window)
await page.evaluate(() => window.recording.start())

// Code is compiled and caches are filled before the heap is looked at.
await sleep(20_000)
const start = await heapMb(page)
console.log(`heap at the start ${start.toFixed(1)} MB`)
let worst = 0
let last = await page.evaluate(() => window.recording.observe())
for (let minute = 1; minute <= minutes; minute += 1) {
  await sleep(60_000)
  const heap = await heapMb(page)
  const now = await page.evaluate(() => window.recording.observe())
  console.log(
    `minute ${minute}: heap ${heap.toFixed(1)} MB, file ${mb(now.bytes)} MB, ${now.decoded - last.decoded} pictures decoded`,
  )
  worst = Math.max(worst, heap - start)
  if (now.bytes <= last.bytes) faults.push(`nothing was written in minute ${minute}`)
  if (now.decoded <= last.decoded) faults.push(`no picture came in minute ${minute}`)
  last = now
  if (!now.isRunning) break
}
const { reason, error } = await page.evaluate(() => window.recording.stop())
if (reason !== 'stopped') faults.push(`the recording ended by itself: ${reason}, ${error}`)
else {
  const before = await heapMb(page)
  const { complete, size, written } = await page.evaluate(() => window.recording.export())
  const after = await heapMb(page)
  console.log(
    `export of ${mb(size)} MB, ${mb(written)} MB written: heap ${before.toFixed(1)} MB before and ${after.toFixed(1)} MB after`,
  )
  if (!complete) faults.push('the recording is not complete')
  worst = Math.max(worst, after - start)
}
console.log(`${minutes} minutes: the heap grew by ${worst.toFixed(1)} MB at most`)
if (worst > MAX_GROWTH_MB) faults.push(`the heap grew by more than ${MAX_GROWTH_MB} MB`)
await browser.close()
await server.close()
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1

function mb(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
