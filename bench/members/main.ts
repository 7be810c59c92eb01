/**
 * One member of a call floods another, by everything that a member can say, as fast as the hub lets it: the longest task of the
 * victim's page, in CPU time of its main thread, and whether a third member notices. The hub is a real one with its default limits;
 * the flooding member runs in this process.
 *
 * `--only NAME,NAME` plays some floods; `--seconds N` chooses how long each takes.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createRoomLink } from '@conclave/client'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import { FLOOD_NAMES, type FloodName, HostileMember } from '@conclave/testing'
import type { Browser, Page } from 'puppeteer-core'
import { launchBrowser, servePage } from '../../tools/test-pages.ts'
import { printResult } from '../table.ts'
import { longestTask } from './longest-task.ts'

const only = valueOf('--only')?.split(',')
const seconds = Number(valueOf('--seconds') ?? 6)
const cases = (['nothing', ...FLOOD_NAMES] as const).filter(
  (name) => only === undefined || only.includes(name),
)

const server = await servePage(import.meta.dirname, 'bench-members')
const { origin } = new URL(server.url)
const hub = await serve({
  port: 0,
  hub: ({ port }) =>
    createHub({
      engine: createMemoryEngine(),
      origins: [origin],
      hosts: [`127.0.0.1:${port}`],
      allowNonBrowser: true,
    }),
})
const browsers = [await launchBrowser('chromium'), await launchBrowser('chromium')] as const
const rows: Parameters<typeof printResult>[1][number][] = []
for (const name of cases) {
  const result = await play(name)
  console.log(name, JSON.stringify(result))
  for (const [metric, unit, value] of [
    ['longest task of the page, CPU', 'ms', result.longestMs],
    ['main thread busy', '%', result.busyPercent],
    ['longest gap between two pictures, third member', 'ms', result.gapMs],
    ['chat of the victim sent after', 'ms', result.chatMs],
  ] as const) {
    rows.push({
      case: name,
      metric,
      unit,
      ours: value,
      peers: {},
      better: 'lower',
      spread: [value, value],
    })
  }
}
await Promise.all(browsers.map((browser) => browser.close()))
await hub.close()
await server.close()
printResult('members', rows)

async function play(name: FloodName | 'nothing') {
  const base = `http://127.0.0.1:${hub.port}`
  const link = await createRoomLink(base)
  const [alice, bob] = [await open(browsers[0]), await open(browsers[1])]
  const victim = await alice.evaluate((to) => window.members.join(to, 'Alice'), link)
  await bob.evaluate((to) => window.members.join(to, 'Bob'), link)
  await bob.waitForFunction(() => window.members.seen('Alice').pictures > 20)
  const mallory = await HostileMember.join(link, { persons: false })
  const { session } = mallory
  while (!session.nameById.has(victim as typeof session.id)) await sleep(50)
  while (mallory.connectionWith(victim as typeof session.id) === undefined) await sleep(50)
  await alice.evaluate(() => window.members.say('before'))
  await sleep(1000)
  await bob.evaluate(() => window.members.seen('Alice'))
  await alice.tracing.start({ categories: ['toplevel', 'disabled-by-default-devtools.timeline'] })
  const untilMs = performance.now() + 1000 * seconds
  let taken = 0
  let at = 0
  while (performance.now() < untilMs) {
    if (name === 'nothing') await sleep(100)
    else
      taken += await mallory.flood(name, {
        victim: victim as typeof session.id,
        times: 10,
        first: at,
        pause: () => sleep(5),
      })
    at += 10
  }
  const chatMs = await alice.evaluate(() => window.members.say('during'))
  const trace = await alice.tracing.stop()
  const { longestMs: gapMs } = await bob.evaluate(() => window.members.seen('Alice'))
  const counts = await alice.evaluate(() => window.members.counts())
  mallory.leave()
  await Promise.all([alice, bob].map((page) => page.evaluate(() => window.members.leave())))
  await Promise.all([alice, bob].map((page) => page.close()))
  return { ...longestTask(trace, seconds), gapMs, chatMs, taken, ...counts }
}

async function open(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.waitForFunction(() => 'members' in window)
  return page
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}
