/**
 * The time from the start until two pages are connected, and until the first message, over loopback, for this project and
 * for the libraries that people choose from; each with the signalling that it is made for: the bus of this benchmark for
 * those that take any, PeerServer for peerjs. Two fresh pages in each round.
 *
 * `npm run bench -- connect [--rounds N] [--engine chromium|firefox] [--only NAME,…] [--json]`
 *
 * @module
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'puppeteer-core'
import { installPackages } from '../../tools/prepare.mjs'
import { type Engine, launchBrowser, servePage } from '../../tools/test-pages.ts'
import { type BenchRow, median, percentile, printResult, spread } from '../table.ts'
import type { ContestantName, Times } from './page.ts'
import { startRelay } from './relay.ts'

installPackages(import.meta.dirname)
const { PeerServer } = await import('peer')

const LIMIT_MS = 30_000
const rounds = Number(valueOf('--rounds') ?? 15)
const engines = (valueOf('--engine')?.split(',') ?? ['chromium', 'firefox']) as readonly Engine[]
const names = (valueOf('--only')?.split(',') ?? [
  ...['ours', 'p2p', 'trystero', 'peerjs', 'simple-peer'],
]) as readonly ContestantName[]

/** Of all rooms, in base64. */
const SECRET = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')

const relay = await startRelay()
const peerServer = await startPeerServer()
const pages = await servePage(import.meta.dirname, 'bench-connect')
const rows: BenchRow[] = []
for (const engine of engines) {
  const browser = await launchBrowser(engine)
  rows.push(...rowsOf(engine, await measure(browser)))
  await browser.close()
}
await pages.close()
relay.close()
peerServer.close()
printResult('connect', rows)
process.exit()

async function measure(browser: Browser): Promise<Map<ContestantName, Times[]>> {
  const timesByName = new Map(names.map((name) => [name, [] as Times[]]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const times = await connect(browser, name, `room-${round}-${crypto.randomUUID()}`)
      // The first round fills the caches of the browser.
      if (round > 0) timesByName.get(name)?.push(times)
    }
  }
  return timesByName
}

async function connect(browser: Browser, name: ContestantName, room: string): Promise<Times> {
  const place = {
    ...{ room, secret: SECRET, relay: relay.url, peerServer: peerServer.port },
  }
  const [host, guest] = [await openPage(browser), await openPage(browser)]
  try {
    await host.evaluate((...args) => window.connectBench.host(...args), name, place)
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`${name} was not connected in time`)), LIMIT_MS).unref()
    })
    return await Promise.race([
      guest.evaluate((...args) => window.connectBench.join(...args), name, place),
      late,
    ])
  } finally {
    for (const page of [guest, host]) {
      await page.evaluate(() => window.connectBench.leave())
      await page.close()
    }
  }
}

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(String(error)))
  await page.goto(pages.url)
  await page.waitForFunction('"connectBench" in window')
  return page
}

function rowsOf(engine: Engine, timesByName: ReadonlyMap<ContestantName, Times[]>): BenchRow[] {
  return (['connectedMs', 'messageMs'] as const).flatMap((moment) =>
    [
      { metric: 'median', of: median },
      { metric: '95th percentile', of: (all: number[]) => percentile(all, 0.95) },
    ].map(({ metric, of }) => {
      const results = new Map(
        Array.from(timesByName, ([name, all]) => [name, all.map((times) => times[moment])]),
      )
      const ours = results.get('ours') ?? []
      results.delete('ours')
      return {
        case: `${engine}: ${moment === 'connectedMs' ? 'connected' : 'first message'}`,
        metric,
        unit: 'ms',
        ours: of(ours),
        peers: Object.fromEntries(Array.from(results, ([name, all]) => [name, of(all)])),
        better: 'lower' as const,
        spread: spread(ours),
      }
    }),
  )
}

async function startPeerServer(): Promise<{ readonly port: number; close(): void }> {
  const { promise, resolve } = Promise.withResolvers<Server>()
  PeerServer({ host: '127.0.0.1', port: 0, path: '/' }, resolve)
  const server = await promise
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, close: () => server.close() }
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}
