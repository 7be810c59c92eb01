/** Calls through a real coturn, which lets in whoever shows credentials that have not run out. */
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, servePage } from '../../../../tools/test-pages.ts'
import type { Engine } from '../../../../tools/test-pages.ts'
import { startTurnServer } from '../../../../tools/turn-server.ts'
import type { TurnServer } from '../../../../tools/turn-server.ts'
import type { Observed, RelayPage } from './pages/page.ts'

const within = { timeout: 45_000, interval: 200 }
let relay: TurnServer
let pages: Awaited<ReturnType<typeof servePage>>
const browsers = new Map<Engine, Browser>()

beforeAll(async () => {
  relay = await startTurnServer()
  pages = await servePage(new URL('pages', import.meta.url).pathname, 'turn-pages')
  for (const engine of ['chromium', 'firefox'] as const) {
    browsers.set(engine, await launchBrowser(engine))
  }
}, 120_000)
afterAll(async () => {
  for (const browser of browsers.values()) await browser.close()
  await pages.close()
  await relay.close()
})

const now = (): number => Date.now() / 1000

test.each(['chromium', 'firefox'] as const)(
  '[S87] %s: a call through relays only tells no address, and new credentials come with a restart',
  async (engine) => {
    const well = await call(engine, [relay.servers(now() + 600)])
    await expect.poll(() => observe(well, 'width'), within).toBeGreaterThan(0)
    await expect.poll(() => observe(well, 'carrying'), within).toContain('relay')
    // ICE may nominate one pair after the other, and all stay in the report.
    expect(new Set(await observe(well, 'carrying'))).toEqual(new Set(['relay']))
    const told = await observe(well, 'told')
    expect(told.length).toBeGreaterThan(0)
    for (const candidate of told) expect(candidate).toContain(' typ relay')
    expect(await observe(well, 'errors')).toEqual([])
    await end(well)

    const late = await call(engine, [relay.servers(now() - 600), relay.servers(now() + 600)])
    await expect.poll(() => observe(late, 'width'), within).toBeGreaterThan(0)
    expect(await observe(late, 'asked')).toBeGreaterThan(1)
    await end(late)
  },
  120_000,
)

test.each(['chromium', 'firefox'] as const)(
  '[S87, S30] %s: a call goes on when its first credentials have run out, and comes back with new ones when the relay lost it',
  async (engine) => {
    const expiry = Math.ceil(now()) + 12
    const page = await call(engine, [relay.servers(expiry), relay.servers(now() + 600)])
    await expect.poll(() => observe(page, 'width'), within).toBeGreaterThan(0)
    expect(await observe(page, 'asked')).toBe(1)
    await expect.poll(now, within).toBeGreaterThan(expiry + 1)
    const before = await observe(page, 'shown')
    await expect.poll(() => observe(page, 'shown'), within).toBeGreaterThan(before + 0.5)
    expect(await observe(page, 'asked')).toBe(1)
    await relay.restart()
    // It plays what is buffered; only new packets bring it further.
    const stopped = (await observe(page, 'shown')) + 2
    await expect.poll(() => observe(page, 'shown'), within).toBeGreaterThan(stopped)
    expect(await observe(page, 'asked')).toBeGreaterThan(1)
    expect(await observe(page, 'carrying')).toContain('relay')
    await end(page)
  },
  120_000,
)

declare global {
  // eslint-disable-next-line no-var -- only `var` declares a member of the global object
  var relayPage: RelayPage
}

const call = async (engine: Engine, answers: RTCIceServer[][]): Promise<Page> => {
  const page = await browsers.get(engine)?.newPage()
  if (page === undefined) throw new Error('no browser')
  await page.goto(pages.url)
  await page.waitForFunction(() => 'relayPage' in globalThis)
  await page.evaluate((given) => globalThis.relayPage.call(given), answers)
  return page
}

const observe = <K extends keyof Observed>(page: Page, name: K): Promise<Observed[K]> =>
  page.evaluate(async (member) => (await globalThis.relayPage.observe())[member], name) as Promise<
    Observed[K]
  >

const end = async (page: Page): Promise<void> => {
  await page.evaluate(() => globalThis.relayPage.stop())
  await page.close()
}
