/** Chromium and Firefox with a page as a bundler builds it, under the strictest policy that it must work with. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'
import type { Browser, Page } from 'puppeteer-core'
import { build, defaultClientConditions } from 'vite'
import {
  chromiumTestArgs,
  findChromium,
  findFirefox,
  firefoxTestPrefs,
} from '../../../../tools/browsers.ts'
import type { InteropPage } from '../pages/interop.ts'

export type BrowserName = 'chromium' | 'firefox'

/** The page of `pages/interop.html`, built and served, and the browsers that were launched. */
export class BrowserPages {
  readonly #cleanups: (() => Promise<unknown>)[] = []
  #origin = ''

  /** Builds and serves. */
  async open(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'conclave-media-'))
    this.#cleanups.push(() => rm(folder, { recursive: true }))
    await build({
      configFile: false,
      logLevel: 'warn',
      root: fileURLToPath(new URL('../pages', import.meta.url)),
      resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
      build: {
        outDir: folder,
        emptyOutDir: true,
        rolldownOptions: {
          input: fileURLToPath(new URL('../pages/interop.html', import.meta.url)),
        },
      },
    })
    await this.#serve(folder)
  }

  /** Ends everything, the last first. */
  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).toReversed()) await cleanup()
  }

  /** A fresh browser. */
  async launch(name: BrowserName): Promise<Browser> {
    const browser = await puppeteer.launch({
      headless: true,
      ...(name === 'chromium'
        ? { executablePath: findChromium() ?? 'chromium', args: [...chromiumTestArgs] }
        : {
            browser: 'firefox',
            executablePath: findFirefox() ?? 'firefox-esr',
            extraPrefsFirefox: { ...firefoxTestPrefs },
          }),
    })
    this.#cleanups.push(() => browser.close())
    return browser
  }

  /** A fresh page in a browser. */
  async openPage(browser: Browser): Promise<Page> {
    const page = await browser.newPage()
    await page.goto(`${this.#origin}/interop.html`)
    return page
  }

  async #serve(folder: string): Promise<void> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname
      readFile(join(folder, path)).then(
        (body) => {
          const headers = {
            'content-type': types[extname(path)] ?? 'text/plain',
            'content-security-policy': policy,
          }
          response.writeHead(200, headers).end(body)
        },
        () => response.writeHead(404).end(),
      )
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    this.#cleanups.push(() => new Promise((resolve) => void server.close(resolve)))
    this.#origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
}

/** Connects two pages that were started, from one to the other. */
export async function connectPages(
  [from, fromId]: readonly [Page, string],
  [to, toId]: readonly [Page, string],
): Promise<void> {
  const offer = await call(from, 'send', toId)
  const answer = await call(to, 'receive', fromId, offer)
  await call(from, 'accept', answer)
}

/** Calls a function of the page. */
export function call<K extends keyof InteropPage>(
  page: Page,
  name: K,
  ...parameters: Parameters<InteropPage[K]>
): Promise<Awaited<ReturnType<InteropPage[K]>>> {
  return page.evaluate(
    (method, values) => {
      const { page: target } = globalThis as unknown as {
        page: Record<string, (...given: unknown[]) => unknown>
      }
      return target[method]?.(...values)
    },
    name,
    parameters as unknown[],
  ) as Promise<Awaited<ReturnType<InteropPage[K]>>>
}

const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; media-src 'self'"
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }
