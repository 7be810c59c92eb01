/**
 * Serves the page of a call whose keys change, and opens it in a browser.
 *
 * @module
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import puppeteer from 'puppeteer-core'
import type { Browser, Page } from 'puppeteer-core'
import { type InlineConfig, build, defaultClientConditions, preview } from 'vite'
import { chromiumArgs, findChromium, findFirefox, firefoxPrefs } from '../../tools/browsers.ts'

/** The engines that are measured. */
export type Engine = 'chromium' | 'firefox'

/** Builds and serves the page. */
export async function servePage(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const config = {
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    worker: { format: 'es' },
    build: {
      outDir: join(import.meta.dirname, '../../node_modules/.cache/bench-rotation'),
      target: 'es2022',
      emptyOutDir: true,
    },
    preview: { host: '127.0.0.1', port: 0 },
  } satisfies InlineConfig
  await build(config)
  const server = await preview(config)
  const { port } = server.httpServer.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() }
}

/** Opens the page in a fresh browser, with its call running. */
export async function startCall(
  engine: Engine,
  url: string,
): Promise<{ readonly page: Page; readonly browser: Browser }> {
  const browser =
    engine === 'chromium'
      ? await puppeteer.launch({
          executablePath: findChromium() ?? 'chromium',
          args: [...chromiumArgs],
        })
      : await puppeteer.launch({
          browser: 'firefox',
          executablePath: findFirefox() ?? 'firefox-esr',
          extraPrefsFirefox: { ...firefoxPrefs },
        })
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'rotation' in window)
  await page.evaluate(() => window.rotation.start())
  return { page, browser }
}
