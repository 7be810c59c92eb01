/** The pages of examples/10-private-chat, in real browsers. */
import puppeteer from 'puppeteer-core'
import type { LaunchOptions, Page } from 'puppeteer-core'
import { expect, onTestFinished, test } from 'vitest'
import { startWorld } from '../../../../examples/10-private-chat/world.ts'
import {
  chromiumTestArgs,
  findChromium,
  findFirefox,
  firefoxTestPrefs,
} from '../../../../tools/browsers.ts'

const LAUNCH: Readonly<Record<'chromium' | 'firefox', LaunchOptions>> = {
  chromium: { executablePath: findChromium() ?? 'chromium', args: [...chromiumTestArgs] },
  firefox: {
    browser: 'firefox',
    executablePath: findFirefox() ?? 'firefox-esr',
    extraPrefsFirefox: { ...firefoxTestPrefs },
  },
}

test.each(['chromium', 'firefox'] as const)(
  '[G91, G95, G96, G97, G100, G101, G48] in %s two members chat, a stranger is denied, and who is put out leaves',
  async (name) => {
    const world = await startWorld()
    onTestFinished(() => world.close())
    const browser = await puppeteer.launch({ headless: true, ...LAUNCH[name] })
    onTestFinished(() => browser.close())
    const complaints: string[] = []
    const enter = async (user: string, address = world.origin): Promise<Page> => {
      const page = await (await browser.createBrowserContext()).newPage()
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(address)
      await page.type('[name=user]', user)
      await page.click('#enter button')
      return page
    }
    const alice = await enter('alice')
    await shown(alice, '#members', 'alice')
    const invitation = await textOf(alice, '#invitation')
    const bob = await enter('bob', invitation)
    await shown(bob, '#members', 'alice, bob')
    await shown(alice, '#members', 'alice, bob')
    await alice.type('[name=body]', 'meet me at the kingfisher')
    await shown(bob, '[role=status]', 'alice is typing.')
    await alice.click('#say button')
    for (const page of [alice, bob]) await shown(page, 'ul', 'alice: meet me at the kingfisher')

    const mallory = await enter('mallory', invitation)
    await shown(mallory, '[role=status]', 'You are no member of this chat.')

    await alice.evaluate(() => fetch('/chats/42/members/bob', { method: 'DELETE' }))
    await shown(bob, '[role=status]', 'You were put out: revoked.')
    await shown(alice, '#members', 'alice')
    expect(complaints).toEqual([])
  },
)

const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, ({ textContent }) => textContent ?? '')

async function shown(page: Page, selector: string, text: string): Promise<void> {
  await expect.poll(() => textOf(page, selector)).toBe(text)
}
