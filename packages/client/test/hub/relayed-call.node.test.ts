/** Calls through a real coturn that the configuration of the hub's command names. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launchBrowser, servePage } from '../../../../tools/test-pages.ts'
import type { Engine } from '../../../../tools/test-pages.ts'
import { freePort, startTurnServer, TURN_SECRET } from '../../../../tools/turn-server.ts'
import type { TurnServer } from '../../../../tools/turn-server.ts'
import type { RelayedCall } from './pages/page.ts'

const CLI = fileURLToPath(new URL('../../../server/src/node/cli.ts', import.meta.url))
const within = { timeout: 45_000, interval: 200 }
let relay: TurnServer
let pages: Awaited<ReturnType<typeof servePage>>
const browsers = new Map<Engine, Browser>()

beforeAll(async () => {
  relay = await startTurnServer()
  pages = await servePage(fileURLToPath(new URL('pages', import.meta.url)), 'relayed-pages')
  for (const engine of ['chromium', 'firefox'] as const) {
    browsers.set(engine, await launchBrowser(engine))
  }
}, 120_000)
afterAll(async () => {
  for (const browser of browsers.values()) await browser.close()
  await pages.close()
  await relay.close()
})

test('[H58, H38, R220] Chromium and Firefox call each other through the relay that TURN_URLS names, and no log has its secret', async () => {
  const url = `turn:127.0.0.1:${relay.port}?transport=udp`
  const hub = await startHub({ TURN_URLS: url, TURN_SECRET })
  const [alice, bob] = [await open('chromium'), await open('firefox')]
  const link = await alice.evaluate(() => window.relayed.newLink())
  for (const page of [alice, bob]) {
    await page.evaluate((...given) => window.relayed.join(...given), link, hub.url)
  }
  for (const page of [alice, bob]) {
    await expect.poll(async () => (await observe(page)).sees, within).toBe(true)
    const { carrying, urls, problems } = await observe(page)
    expect([carrying, urls, problems]).toEqual([['relay'], [url], []])
  }
  for (const page of [alice, bob]) await page.evaluate(() => window.relayed.leave())
  await expect.poll(() => hub.output()).toContain('connectionEnded')
  for (const secret of [TURN_SECRET, 'turn:']) {
    expect(hub.output()).not.toContain(secret)
  }
}, 120_000)

test('[R220] the servers of an application are used in the place of those of the hub, which come from a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relays-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'relays.json')
  const wrong = { urls: 'turn:127.0.0.1:1', username: 'alice', credential: 'of nobody' }
  writeFileSync(file, JSON.stringify([wrong]))
  const hub = await startHub({ ICE_SERVERS: file })
  const [alice, bob] = [await open('chromium'), await open('chromium')]
  const link = await alice.evaluate(() => window.relayed.newLink())
  const servers = relay.servers(Date.now() / 1000 + 600)
  for (const page of [alice, bob]) {
    await page.evaluate((...given) => window.relayed.join(...given), link, hub.url, servers)
  }
  for (const page of [alice, bob]) {
    await expect.poll(async () => (await observe(page)).sees, within).toBe(true)
    expect((await observe(page)).urls).toEqual([servers[0]?.urls])
  }
}, 120_000)

const open = async (engine: Engine): Promise<Page> => {
  const page = await browsers.get(engine)?.newPage()
  if (page === undefined) throw new Error('no browser')
  onTestFinished(() => page.close())
  await page.goto(pages.url)
  await page.waitForFunction(() => 'relayed' in window)
  return page
}

const observe = (page: Page): Promise<RelayedCall> => page.evaluate(() => window.relayed.observe())

/** The hub as `npm start` starts it, with these servers. */
const startHub = async (
  servers: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly output: () => string }> => {
  const port = await freePort()
  const child: ChildProcess = spawn(process.execPath, ['--conditions=@conclave/source', CLI], {
    env: {
      ...{ PATH: process.env['PATH'], PORT: String(port), CONCLAVE_LOG: 'json' },
      ...servers,
      PUBLIC_ORIGIN: `http://127.0.0.1:${port},${new URL(pages.url).origin}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) return reject(new Error('no output'))
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line)
        if (line.includes('is ready')) resolve()
      })
    }
    child.once('exit', () => reject(new Error(said.join('\n'))))
  })
  return { url: `ws://127.0.0.1:${port}/hub`, output: () => said.join('\n') }
}
