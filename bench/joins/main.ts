/**
 * 1,000 joins and leaves beside a session that stays: connections, listeners, workers, timers and heap before and after, in Node over a
 * hub and over a driver, and in Chromium. Fails if anything is left.
 *
 * `npm run bench -- joins [count] [--only hub,driver,pages]`
 *
 * @module
 */
import { overDriver, overHub } from './node.ts'
import { type Held, leaksOf } from './held.ts'
import { overPages } from './pages.ts'
import { printResult } from '../table.ts'

const given = Number(process.argv[2])
const count = given > 0 ? given : 1000
const at = process.argv.indexOf('--only')
const only = at < 0 ? undefined : process.argv[at + 1]?.split(',')
const places: Readonly<
  Record<string, (joins: number) => Promise<Readonly<Record<string, readonly [Held, Held]>>>>
> = {
  hub: async (joins) => ({ 'Node, hub': await overHub(joins) }),
  driver: async (joins) => ({ 'Node, driver': await overDriver(joins) }),
  pages: overPages,
}
const rows: Parameters<typeof printResult>[1][number][] = []
const leaks: string[] = []
for (const [name, play] of Object.entries(places)) {
  if (only !== undefined && !only.includes(name)) continue
  for (const [where, held] of Object.entries(await play(count))) {
    const [before, after] = held
    leaks.push(...leaksOf(where, held))
    for (const metric of Object.keys(before)) {
      const [first, ours] = [before[metric] ?? 0, after[metric] ?? 0]
      const unit = metric === 'heapMb' ? 'MB' : ''
      const peers = { before: first }
      rows.push({ case: where, metric, unit, ours, peers, better: 'lower', spread: [ours, ours] })
    }
  }
}
printResult('joins', rows)
for (const leak of leaks) console.error(leak)
process.exit(leaks.length === 0 ? 0 : 1)
