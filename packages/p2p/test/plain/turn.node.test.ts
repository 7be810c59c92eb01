/** Calls through a real coturn, which lets in whoever shows credentials that have not run out. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findTurnServer } from '../../../../tools/install-servers.ts'
import { launchBrowser, servePage } from '../../../../tools/test-pages.ts'
import type { Engine } from '../../../../tools/test-pages.ts'
import type { Observed, RelayPage } from './pages/page.ts'

const SECRET = 'shared with the relay'
const within = { timeout: 45_000, interval: 200 }
let relay: { readonly port: number; close(): Promise<void> }
let pages: Awaited<ReturnType<typeof servePage>>
const browsers = new Map<Engine, Browser>()

beforeAll(async () => {
  relay = await startRelay()
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

/** Servers with credentials that run out at a time in seconds. coturn, `use-auth-secret` */
const serversUntil = (expiry: number): RTCIceServer[] => {
  const username = `${Math.floor(expiry)}:alice`
  const credential = createHmac('sha1', SECRET).update(username).digest('base64')
  return [{ urls: `turn:127.0.0.1:${relay.port}?transport=udp`, username, credential }]
}
const now = (): number => Date.now() / 1000

test.each(['chromium', 'firefox'] as const)(
  '[S87] %s: a call through relays only tells no address, and new credentials come with a restart',
  async (engine) => {
    const well = await call(engine, [serversUntil(now() + 600)])
    await expect.poll(() => observe(well, 'width'), within).toBeGreaterThan(0)
    await expect.poll(() => observe(well, 'carrying'), within).toEqual(['relay', 'relay'])
    const told = await observe(well, 'told')
    expect(told.length).toBeGreaterThan(0)
    for (const candidate of told) expect(candidate).toContain(' typ relay')
    expect(await observe(well, 'errors')).toEqual([])
    await end(well)

    const late = await call(engine, [serversUntil(now() - 600), serversUntil(now() + 600)])
    await expect.poll(() => observe(late, 'width'), within).toBeGreaterThan(0)
    expect(await observe(late, 'asked')).toBeGreaterThan(1)
    await end(late)
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

const startRelay = async (): Promise<typeof relay> => {
  const program = findTurnServer()
  if (program === undefined)
    throw new Error('turnserver is missing: `npm run test:unit` installs it')
  const folder = mkdtempSync(join(tmpdir(), 'turn-'))
  const port = await freePort()
  const file = join(folder, 'turn.conf')
  writeFileSync(
    file,
    [
      ...['listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', `listening-port=${port}`],
      ...['use-auth-secret', `static-auth-secret=${SECRET}`, 'realm=conclave.test'],
      ...['allow-loopback-peers', 'no-cli', 'no-tls', 'no-dtls', 'no-multicast-peers'],
      ...[
        `pidfile=${folder}/turn.pid`,
        `userdb=${folder}/turn.db`,
        'log-file=stdout',
        'simple-log',
      ],
    ].join('\n'),
  )
  const child = spawn(program, ['-c', file], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await untilListening(child, port)
  return {
    port,
    close: async () => {
      child.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves when it takes connections; it says nothing of it. */
const untilListening = async (child: ChildProcess, port: number): Promise<void> => {
  while (child.exitCode === null) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
  }
  throw new Error(`coturn ended with ${child.exitCode}`)
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
