/**
 * Pages under the policies that servers send with them: built from the sources, served with the headers of a test, and
 * opened in Chromium and in Firefox.
 *
 * @module
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import puppeteer from 'puppeteer-core'
import type { Browser } from 'puppeteer-core'
import { build, defaultClientConditions } from 'vite'
import { expect, onTestFinished } from 'vitest'
import { workerText } from './worker-files.ts'
import { chromiumArgs, findChromium, findFirefox, firefoxPrefs } from './browsers.ts'

/** A page that says in `outcome` how it went; `undefined` while it works. */
export interface PolicyPage {
  outcome?: string
}

/** One visit of a page. */
export interface PolicyVisit {
  readonly headers?: Readonly<Record<string, string>>
  /** Opens the page at an address that is neither https nor localhost. */
  readonly isInsecure?: boolean
  /** The path of the page, and its fragment. */
  readonly path: string
}

export const POLICY_BROWSERS = ['Chromium', 'Firefox'] as const
export type PolicyBrowser = (typeof POLICY_BROWSERS)[number]

/** Built pages, their server and both browsers. */
export interface PolicyPages {
  /** Visits a page and returns its outcome. */
  outcomeOf(browser: PolicyBrowser, visit: PolicyVisit): Promise<string | undefined>
  close(): Promise<void>
}

/** Builds the inputs, files in the folder `root`, and starts the server and the browsers. */
export async function openPolicyPages(
  root: string,
  inputs: readonly string[],
): Promise<PolicyPages> {
  const cleanups: (() => Promise<unknown>)[] = []
  const folder = await mkdtemp(join(tmpdir(), 'conclave-policies-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  await build({
    ...{ configFile: false, logLevel: 'warn', root },
    plugins: [workerText()],
    worker: { format: 'es' },
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    build: {
      ...{ outDir: folder, emptyOutDir: true, target: 'es2022' },
      rolldownOptions: {
        input: inputs.map((input) => join(root, input)),
        output: { entryFileNames: '[name].js' },
      },
    },
  })
  const served: { headers: Readonly<Record<string, string>> } = { headers: {} }
  const { port, stop } = await serve(folder, served)
  cleanups.push(stop)
  const browserByName = {} as Record<PolicyBrowser, Browser>
  for (const name of POLICY_BROWSERS) {
    const browser = await puppeteer.launch({ headless: true, ...launchOptions[name]() })
    browserByName[name] = browser
    cleanups.push(() => browser.close())
  }
  return {
    outcomeOf: async (name, { headers = {}, isInsecure = false, path }) => {
      served.headers = { 'access-control-allow-origin': '*', ...headers }
      const page = await browserByName[name].newPage()
      onTestFinished(() => page.close())
      await page.goto(`http://${isInsecure ? INSECURE_HOST : '127.0.0.1'}:${port}/${path}`)
      const outcome = (): Promise<string | undefined> =>
        page.evaluate(() => (globalThis as PolicyPage).outcome)
      await expect.poll(outcome, { timeout: 20_000, interval: 100 }).toBeDefined()
      return outcome()
    },
    close: async () => {
      for (const cleanup of cleanups.toReversed()) await cleanup()
    },
  }
}

/** Leads to this machine, but unlike `localhost` and `127.0.0.1` browsers do not trust it. */
const INSECURE_HOST = 'plain.test'
const RULES = '--host-resolver-rules=MAP '

const launchOptions = {
  Chromium: () => ({
    executablePath: findChromium() ?? 'chromium',
    args: chromiumArgs.map((arg) =>
      arg.startsWith(RULES) ? arg.replace(RULES, `${RULES}${INSECURE_HOST} 127.0.0.1, MAP `) : arg,
    ),
  }),
  Firefox: () => ({
    browser: 'firefox' as const,
    executablePath: findFirefox() ?? 'firefox-esr',
    extraPrefsFirefox: {
      ...firefoxPrefs,
      'network.dns.localDomains': INSECURE_HOST,
      'network.proxy.no_proxies_on': `${firefoxPrefs['network.proxy.no_proxies_on']},${INSECURE_HOST}`,
    },
  }),
}

/** Serves a folder with the headers of the visit that runs. */
async function serve(
  folder: string,
  served: { readonly headers: Readonly<Record<string, string>> },
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    readFile(join(folder, path)).then(
      (body) =>
        response
          .writeHead(200, { 'content-type': types[extname(path)] ?? '', ...served.headers })
          .end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
