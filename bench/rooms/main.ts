/**
 * Rooms over a real hub in Chromium: the time from a join to the first picture, and the longest gap between two pictures
 * of a running call while somebody joins or leaves, against the same call while nobody does.
 *
 * `--before DIR` measures another checkout beside this one, in turns: `git worktree add DIR COMMIT`, and its packages
 * installed. `--rounds N` chooses how many joins.
 *
 * @module
 */
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from 'playwright'
import { chromiumArgs, findChromium } from '../../tools/browsers.ts'
import { median, percentile, printResult, spread } from '../table.ts'
import { Contestant } from './contestant.ts'

/** Longer than the keys of a room change after a leave. */
const WINDOW_MS = 3000
const rounds = Number(valueOf('--rounds') ?? 20)

const contestants = new Map([
  ['ours', await Contestant.start('ours', join(import.meta.dirname, '../..'))],
])
const before = valueOf('--before')
if (before !== undefined) {
  contestants.set('before', await Contestant.start('before', resolve(before)))
}
const browser = await chromium.launch({
  executablePath: findChromium() ?? 'chromium',
  args: [...chromiumArgs, '--use-fake-device-for-media-stream=fps=30'],
})

const firstPicture = await measureJoins()
const gaps = await measureGaps()
await browser.close()
for (const contestant of contestants.values()) contestant.stop()

const ours = firstPicture.get('ours') ?? []
const rows = [
  { metric: 'first picture, median', of: median },
  { metric: 'first picture, 95th percentile', of: (all: number[]) => percentile(all, 0.95) },
].map(({ metric, of }) => ({
  case: 'join',
  metric,
  unit: 'ms',
  ours: of(ours),
  peers: Object.fromEntries(
    [...firstPicture].filter(([name]) => name !== 'ours').map(([name, all]) => [name, of(all)]),
  ),
  better: 'lower' as const,
  spread: spread(ours),
}))
const gapRows = (['join', 'leave'] as const).flatMap((change) =>
  [
    { metric: 'longest gap between two pictures, median', of: median },
    {
      metric: 'longest gap between two pictures, longest',
      of: (all: number[]) => Math.max(...all),
    },
  ].map(({ metric, of }) => ({
    case: `a third member: ${change}`,
    metric,
    unit: 'ms',
    ours: of(gaps[change]),
    peers: { 'without it': of(gaps.nothing) },
    better: 'lower' as const,
    spread: spread(gaps[change]),
  })),
)
printResult('rooms', [...rows, ...gapRows])

/** Joins of one page to the call of another, all contestants in turns. */
async function measureJoins(): Promise<Map<string, number[]>> {
  const calls = await Promise.all(
    Array.from(contestants, async ([name, { origin }]) => {
      const [sender, comer] = [await openPage(origin), await openPage(origin)]
      const link = await sender.evaluate(() => window.roomBench.makeLink())
      await sender.evaluate((to) => window.roomBench.join(to, { sends: true }), link)
      return { name, sender, comer, link, times: [] as number[] }
    }),
  )
  for (let round = 0; round <= rounds; round += 1) {
    for (const { comer, link, times } of round % 2 === 0 ? calls : calls.toReversed()) {
      const ms = await comer.evaluate((to) => window.roomBench.joinToPicture(to), link)
      await comer.evaluate(() => window.roomBench.leave())
      // The first round compiles and fills caches.
      if (round > 0) times.push(ms)
      await sleep(1000)
    }
  }
  for (const { sender, comer } of calls) {
    await sender.context().close()
    await comer.context().close()
  }
  return new Map(calls.map(({ name, times }) => [name, times]))
}

/** Gaps that a member sees in the pictures of another while a third one, who sends too, joins, leaves or does nothing. */
async function measureGaps(): Promise<Record<'join' | 'leave' | 'nothing', number[]>> {
  const contestant = contestants.get('ours')
  if (contestant === undefined) throw new Error('unreachable: it was started')
  const { origin } = contestant
  const [sender, watcher, third] = [
    await openPage(origin),
    await openPage(origin),
    await openPage(origin),
  ]
  const link = await sender.evaluate(() => window.roomBench.makeLink())
  await sender.evaluate((to) => window.roomBench.join(to, { sends: true }), link)
  await watcher.evaluate((to) => window.roomBench.join(to, { sends: false }), link)
  await watcher.waitForFunction(() => window.roomBench.shown() === 1)
  const longest = async (act: () => Promise<unknown>): Promise<number> => {
    await watcher.evaluate(() => window.roomBench.watch())
    await act()
    await sleep(WINDOW_MS)
    return watcher.evaluate(() => window.roomBench.longestGap())
  }
  const gaps = { join: [] as number[], leave: [] as number[], nothing: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    gaps.nothing.push(await longest(async () => {}))
    gaps.join.push(
      await longest(() => third.evaluate((to) => window.roomBench.join(to, { sends: true }), link)),
    )
    gaps.leave.push(await longest(() => third.evaluate(() => window.roomBench.leave())))
  }
  return gaps
}

async function openPage(origin: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${origin}/`)
  await page.waitForFunction(() => 'roomBench' in window)
  return page
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}
