/**
 * Two pages over real data channels that are killed, and over a real hub. The channels go through a real TURN server, which can stand still.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createRoomLink } from '@conclave/client'
import type { Page } from 'puppeteer-core'
import { launchBrowser, servePage } from '../../tools/test-pages.ts'
import { startTurnServer } from '../../tools/turn-server.ts'
import { MortalHub } from './hub.ts'
import type { DataKill } from './page.ts'
import type { Scene } from './play.ts'

/** Both have met and are connected when it resolves. */
export async function dataScene(): Promise<Scene> {
  const server = await servePage(import.meta.dirname, 'bench-messages')
  const { origin } = new URL(server.url)
  const names = ['alice', 'bob'] as const
  const hub = await MortalHub.start({ sessions: names.length, origin })
  const link = await createRoomLink(origin)
  const turn = await startTurnServer()
  const iceServers = turn.servers(Date.now() / 1000 + 36_000)
  const browser = await launchBrowser('chromium')
  const pages: Page[] = []
  for (const [at, name] of names.entries()) {
    const page = await browser.newPage()
    await page.goto(server.url)
    await page.waitForFunction(() => 'messages' in window)
    const options = { name, hub: hub.urls[at] ?? '', iceServers }
    await page.evaluate((to, its) => window.messages.join(to, its), link, options)
    pages.push(page)
  }
  const isWell = async (): Promise<boolean> => {
    const each = await Promise.all(
      pages.map((page) => page.evaluate(() => window.messages.isWell())),
    )
    return each.every(Boolean)
  }
  while (!(await isWell())) await sleep(20)
  return {
    isWell,
    speakers: pages.map((page, at) => ({
      name: names[at] ?? '',
      say: (text) => page.evaluate((value) => window.messages.say(value), text),
      count: () => page.evaluate(() => window.messages.heard().length),
      heard: () => page.evaluate(() => window.messages.heard()),
    })),
    async kill(random) {
      const at = Math.floor(random() * pages.length)
      const page = pages[at]
      if (page === undefined) throw new Error('unreachable: it is there')
      const [chance, which] = [random(), random()]
      // A path by the hub is gone for a while, too, with some of them.
      const hubKill = random() < 0.25 ? ` and ${await hub.kill(random)}` : ''
      if (chance < 0.3) {
        void turn.stall(MOST_STALL_MS * which)
        return `stall${hubKill}`
      }
      const how: DataKill = chance < 0.65 ? 'channel closed' : 'connection closed'
      await page.evaluate((kind, value) => window.messages.kill(kind, value), how, which)
      return `${how}${hubKill}`
    },
    async close() {
      const made = await Promise.all(
        pages.map((page) => page.evaluate(() => window.messages.made())),
      )
      console.error(`connections made: ${made.join(' and ')}`)
      await Promise.all(pages.map((page) => page.evaluate(() => window.messages.leave())))
      await browser.close()
      await turn.close()
      await hub.close()
      await server.close()
    },
  }
}

/** Longer than it takes until a silent connection is replaced. */
const MOST_STALL_MS = 12_000
