/** Calls between two browsers over a real nats-server, and all that the server carries. */
import { connect } from '@nats-io/transport-node'
import type { Browser, Page } from 'puppeteer-core'
import { expect } from 'vitest'
import { launchBrowser, servePage } from '../../../../tools/test-pages.ts'
import type { Engine } from '../../../../tools/test-pages.ts'
import { startNatsServer } from '../support/nats-server.ts'
import type { NatsServer } from '../support/nats-server.ts'
import type { CallOptions, SeedPage } from './pages/page.ts'

/** Long enough for two browsers on a machine that does something else too. */
const within = { timeout: 40_000, interval: 100 }

/** A server, a page that is served, and a browser of each engine. */
export class CallGround {
  #server: NatsServer | undefined
  #pages: Awaited<ReturnType<typeof servePage>> | undefined
  readonly #browsers = new Map<Engine, Browser>()

  async open(): Promise<void> {
    this.#server = await startNatsServer()
    const folder = new URL('pages', import.meta.url).pathname
    this.#pages = await servePage(folder, PAGES)
    for (const engine of ['chromium', 'firefox'] as const) {
      this.#browsers.set(engine, await launchBrowser(engine))
    }
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers.values()) await browser.close()
    await this.#pages?.close()
    await this.#server?.kill()
  }

  /** A call from one engine to the other: a picture and a sound arrive, then the sender stops. Resolves to what the bus carried. */
  async call(
    from: Engine,
    to: Engine,
    options: Omit<CallOptions, 'servers'> = {},
  ): Promise<string> {
    if (this.#server === undefined) throw new Error('not open')
    const listener = await connect({ servers: this.#server.tcp })
    const carried: string[] = []
    listener.subscribe('>', {
      callback: (_, { subject, data }) => void carried.push(subject, latin1(data)),
    })
    await listener.flush()
    const [sender, receiver] = [await this.#page(from), await this.#page(to)]
    const all = { ...options, servers: this.#server.web }
    await receiver.evaluate((given) => globalThis.page.receive(given), all)
    await sender.evaluate((given) => globalThis.page.send(given), all)
    await expect.poll(() => observe(receiver, 'width'), within).toBeGreaterThan(0)
    expect(await observe(receiver, 'tracks')).toBe(2)
    await expect.poll(() => observe(sender, 'log'), within).toContain('connect')
    await sender.evaluate(() => globalThis.page.stop())
    await expect.poll(() => observe(receiver, 'log'), within).toContain('dispose')
    await receiver.evaluate(() => globalThis.page.stop())
    for (const page of [sender, receiver]) await page.close()
    await listener.close()
    return carried.join('\n')
  }

  async #page(engine: Engine): Promise<Page> {
    const page = await this.#browsers.get(engine)?.newPage()
    if (page === undefined || this.#pages === undefined) throw new Error('not open')
    await page.goto(this.#pages.url)
    await page.waitForFunction(() => 'page' in globalThis)
    return page
  }
}

/** The folder of the built page below `node_modules/.cache`. */
export const PAGES = 'nats-pages'

declare global {
  // eslint-disable-next-line no-var -- only `var` declares a member of the global object
  var page: SeedPage
}

const observe = <K extends keyof ReturnType<SeedPage['observe']>>(
  page: Page,
  name: K,
): Promise<ReturnType<SeedPage['observe']>[K]> =>
  page.evaluate((member) => globalThis.page.observe()[member], name) as never
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
