/**
 * Lets Vitest run tests in the Firefox of the system: Playwright drives only the Firefox that it builds, so
 * this one is driven by WebDriver BiDi, as in the end-to-end tests.
 *
 * @module
 */
import { playwright } from '@vitest/browser-playwright'
import puppeteer from 'puppeteer-core'
import type { Browser, Page } from 'puppeteer-core'
import type { BrowserProvider, BrowserProviderOption, TestProject } from 'vitest/node'
import { findFirefox, firefoxTestPrefs } from './browsers.ts'

/** The provider for `browser.provider`; its only browser is `firefox`. Without Playwright's events and commands. */
export function systemFirefox(): BrowserProviderOption {
  return {
    name: 'system-firefox',
    supportedBrowser: ['firefox'],
    options: {},
    providerFactory: (project) => new SystemFirefox(project),
    // The server that hands out the tests is the same for every browser.
    serverFactory: playwright().serverFactory,
  }
}

class SystemFirefox implements BrowserProvider {
  readonly name = 'system-firefox'
  readonly supportsParallelism = false
  readonly #pageBySession = new Map<string, Page>()
  #browser: Promise<Browser> | undefined

  constructor(project: TestProject) {
    // Its type knows only the commands of an application.
    const browser = project.browser as unknown as CommandRegistry | undefined
    for (const command of COMMANDS) browser?.registerCommand(command, async () => {})
  }

  getCommandsContext(): Record<string, unknown> {
    return {}
  }

  async openPage(session: string, url: string): Promise<void> {
    const browser = await (this.#browser ??= launch())
    await this.#pageBySession.get(session)?.close()
    const page = await browser.newPage()
    this.#pageBySession.set(session, page)
    await page.goto(url, { timeout: 0 })
  }

  async close(): Promise<void> {
    const browser = await this.#browser
    this.#browser = undefined
    this.#pageBySession.clear()
    await browser?.close()
  }
}

/** Vitest sends these commands before and after each file; the tests need neither a size nor a keyboard. */
const COMMANDS = ['__vitest_viewport', '__vitest_cleanup']

interface CommandRegistry {
  registerCommand(name: string, run: () => Promise<void>): void
}

const launch = (): Promise<Browser> =>
  puppeteer.launch({
    browser: 'firefox',
    executablePath: findFirefox() ?? 'firefox-esr',
    headless: true,
    extraPrefsFirefox: { ...firefoxTestPrefs },
  })
