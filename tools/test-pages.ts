/**
 * Pages as a bundler builds them, for tests and benchmarks that drive more than one browser.
 *
 * @module
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import puppeteer from 'puppeteer-core'
import type { Browser } from 'puppeteer-core'
import { type InlineConfig, build, defaultClientConditions, preview } from 'vite'
import { chromiumArgs, findChromium, findFirefox, firefoxPrefs } from './browsers.ts'
import { root } from './prepare.mjs'

/** The engines that pages are tried in. */
export type Engine = 'chromium' | 'firefox'

/** Builds the `index.html` of a folder, and serves it on loopback. `name` keeps builds apart. */
export async function servePage(
  folder: string,
  name: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const config = {
    root: folder,
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    worker: { format: 'es' },
    build: {
      outDir: join(root, 'node_modules/.cache', name),
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

/** Starts a fresh browser. */
export function launchBrowser(engine: Engine): Promise<Browser> {
  return engine === 'chromium'
    ? puppeteer.launch({
        executablePath: findChromium() ?? 'chromium',
        args: [...chromiumArgs],
      })
    : puppeteer.launch({
        browser: 'firefox',
        executablePath: findFirefox() ?? 'firefox-esr',
        extraPrefsFirefox: { ...firefoxPrefs },
      })
}
