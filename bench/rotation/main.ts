/**
 * The longest time between two pictures while keys change in a running call, against the same call without a change, in turns:
 * in steps, and by `setKey` only. The key comes to the receiver 300 ms late.
 *
 * @module
 */
import { median, printResult, spread } from '../table.ts'
import type { Change } from './page.ts'
import { servePage } from '../../tools/test-pages.ts'
import { startCall } from './serve.ts'

const rounds = Number(process.argv[2] ?? 10)
const lateMs = 300
const changes: readonly Change[] = ['none', 'in steps', 'setKey']

const server = await servePage(import.meta.dirname, 'bench-rotation')
const rows: Parameters<typeof printResult>[1][number][] = []
for (const engine of ['chromium', 'firefox'] as const) {
  const { page, browser } = await startCall(engine, server.url)
  const gaps: Record<Change, number[]> = { none: [], 'in steps': [], setKey: [] }
  for (let round = 0; round <= rounds; round += 1) {
    for (const change of round % 2 === 0 ? changes : changes.toReversed()) {
      const gap = await page.evaluate(
        (how, ms) => window.rotation.longestGapMs(how, ms),
        change,
        lateMs,
      )
      // The first round compiles and fills caches.
      if (round > 0) gaps[change].push(gap)
    }
  }
  const before = await page.evaluate(() => window.rotation.observe())
  await page.evaluate(() => window.rotation.longestGapMs('none', 0))
  const after = await page.evaluate(() => window.rotation.observe())
  console.log(`${engine}: ${after.decoded > before.decoded ? 0 : 1} frozen receivers at the end`)
  await browser.close()
  for (const [metric, of] of [
    ['longest gap, median', median],
    ['longest gap, worst', (values: readonly number[]) => Math.max(...values)],
  ] as const) {
    rows.push({
      case: engine,
      metric,
      unit: 'ms',
      ours: of(gaps['in steps']),
      peers: { 'no change': of(gaps.none), setKey: of(gaps.setKey) },
      better: 'lower',
      spread: spread(gaps['in steps']),
    })
  }
}
await server.close()
console.log(`${rounds} changes of each kind, in turns; the key comes ${lateMs} ms late`)
printResult('rotation', rows)
