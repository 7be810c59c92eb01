/**
 * Two pages of Chromium over a real hub: one stays in a call, and the other one joins it and leaves it again and again.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createRoomLink } from '@conclave/client'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import type { Browser, Page } from 'puppeteer-core'
import { launchBrowser, servePage } from '../../tools/test-pages.ts'
import { heapMb } from '../heap.ts'
import type { Held } from './held.ts'

/** Resolves to the counts of each page before and after. */
export async function overPages(
  count: number,
): Promise<Readonly<Record<string, readonly [before: Held, after: Held]>>> {
  const server = await servePage(import.meta.dirname, 'bench-joins')
  const { origin } = new URL(server.url)
  const served = await serve({
    port: 0,
    hub: ({ port }) =>
      createHub({
        ...{ engine: createMemoryEngine(), origins: [origin], hosts: [`127.0.0.1:${port}`] },
        limits: { attemptsPerSecond: 1000, attemptBurst: 1000 },
      }),
  })
  const hub = `ws://127.0.0.1:${served.port}/hub`
  const browser = await launchBrowser('chromium')
  const [stays, comes] = [await open(browser, server.url), await open(browser, server.url)]
  const link = await createRoomLink(origin)
  await stays.evaluate((to, url) => window.joins.join(to, { name: 'alice', hub: url }), link, hub)
  const cycle = async (): Promise<void> => {
    await comes.evaluate((to, url) => window.joins.join(to, { name: 'bob', hub: url }), link, hub)
    for (const page of [stays, comes])
      await page.waitForFunction(() => window.joins.hasMet(), POLLING)
    await comes.evaluate(() => window.joins.leave())
    await stays.waitForFunction(() => window.joins.isAlone(), POLLING)
  }
  const hold = async (): Promise<readonly [Held, Held]> => {
    await sleep(SETTLING_MS)
    return [await held(stays), await held(comes)]
  }
  for (let number = 0; number < WARMING; number += 1) await cycle()
  const before = await hold()
  for (let number = 1; number <= count; number += 1) {
    await cycle()
    // Chromium makes no more than 500 connections before it collects those that were closed.
    if (number % 50 === 0) {
      for (const page of [stays, comes]) await page.evaluate(() => window.joins.count())
      console.error(
        `${number} joins, ${(await heapMb(stays)).toFixed(1)} and ${(await heapMb(comes)).toFixed(1)} MB`,
      )
    }
  }
  const after = await hold()
  await browser.close()
  await served.close()
  await server.close()
  return {
    'Chromium, who stays': [before[0], after[0]],
    'Chromium, who comes and goes': [before[1], after[1]],
  }
}

/** Objects of the platform that are alive after some collections, and counts of the page itself. */
async function held(page: Page): Promise<Held> {
  let [heap, timers] = [0, Number.POSITIVE_INFINITY]
  for (let times = 0; times < 20; times += 1) {
    heap = await heapMb(page)
    await sleep(200)
    // Some of those of the one who stays come and go.
    timers = Math.min(timers, await page.evaluate(() => window.joins.count().timers))
  }
  const counts: Record<string, number> = {}
  for (const kind of KINDS) {
    const prototype = await page.evaluateHandle(
      (name) => Reflect.get(globalThis, name).prototype,
      kind,
    )
    const objects = await page.queryObjects(prototype)
    counts[kind] = await objects.evaluate((all) => all.length)
    await objects.dispose()
    await prototype.dispose()
  }
  const own = await page.evaluate(() => window.joins.count())
  return { ...counts, ...own, timers, workers: page.workers().length, heapMb: heap }
}

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'joins' in window)
  return page
}

const KINDS = [
  ...['RTCPeerConnection', 'RTCDataChannel', 'RTCRtpTransceiver', 'RTCRtpScriptTransform'],
  ...['MediaStreamTrack', 'WebSocket', 'Worker', 'BroadcastChannel'],
] as const
/** A page in the background draws nothing, so that it has no frames to look at. */
const POLLING = { polling: 20 }
const WARMING = 10
const SETTLING_MS = 10_000
