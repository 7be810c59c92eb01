/**
 * Opens the page of a call whose keys change.
 *
 * @module
 */
import type { Browser, Page } from 'puppeteer-core'
import { type Engine, launchBrowser } from '../../tools/test-pages.ts'

/** Opens the page in a fresh browser, with its call running. */
export async function startCall(
  engine: Engine,
  url: string,
): Promise<{ readonly page: Page; readonly browser: Browser }> {
  const browser = await launchBrowser(engine)
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'rotation' in window)
  await page.evaluate(() => window.rotation.start())
  return { page, browser }
}
