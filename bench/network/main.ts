/**
 * A call between two hosts of a network that fails, in namespaces with real Chromium: 20 s without any network, another address,
 * a fifth and two fifths of all packets lost each way, and two homes whose routers let nothing in, with a real coturn. Needs root, `ip` and `nft`.
 *
 * `--only NAME,NAME` plays some cases, `--rounds N` plays each as often.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRoomLink } from '@conclave/client'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import type { Page } from 'puppeteer-core'
import { findTurnServer } from '../../tools/install-servers.ts'
import { servePage } from '../../tools/test-pages.ts'
import { root } from '../../tools/prepare.mjs'
import { median, printResult } from '../table.ts'
import {
  HOSTS,
  SERVER,
  cannotMakeHosts,
  changeAddress,
  launchOn,
  makeHosts,
  removeHosts,
  setLoss,
  setPlugged,
} from './hosts.ts'

/** A value that a case measures, and the most that it may be. */
interface Measured {
  readonly metric: string
  readonly unit: string
  readonly most: number
  readonly value: number
}

const reason = cannotMakeHosts()
if (reason !== undefined) {
  console.error(`This machine gives no namespaces with a packet filter: ${reason}`)
  process.exit(1)
}
const rounds = Number(valueOf('--rounds') ?? 1)
const only = valueOf('--only')?.split(',')
// It builds the page; the hub serves it.
const built = await servePage(import.meta.dirname, 'bench-network')
await built.close()
const rows: Parameters<typeof printResult>[1][number][] = []
const cases: Readonly<Record<string, () => Promise<readonly Measured[]>>> = {
  blackout: async () =>
    call({}, async (pages) => {
      setPlugged('cvA', false)
      await sleep(20_000)
      setPlugged('cvA', true)
      return [
        { metric: 'picture back after 20 s without network', ...(await backAfter(pages, 1000)) },
      ]
    }),
  address: async () =>
    call({}, async (pages) => {
      changeAddress('cvA', '10.97.0.11')
      return [{ metric: 'picture back after another address', ...(await backAfter(pages, 3000)) }]
    }),
  loss20: async () => call({}, async (pages) => lossy(pages, 0.2)),
  loss40: async () => call({}, async (pages) => lossy(pages, 0.4)),
  homes: async () => {
    const first: Measured[] = []
    await call({ homes: true }, async (pages, tookMs) => {
      const relayed = await Promise.all(
        pages.map((page) => page.evaluate(() => window.network.isRelayed())),
      )
      if (!relayed.includes(true)) throw new Error('the homes found a way without the relay')
      first.push({
        metric: 'two homes connected, over coturn',
        unit: 'ms',
        most: 3000,
        value: tookMs,
      })
      return []
    })
    return first
  },
}
for (const [name, play] of Object.entries(cases)) {
  if (only !== undefined && !only.includes(name)) continue
  const measured: Measured[][] = []
  for (let round = 0; round < rounds; round += 1) measured.push([...(await play())])
  for (const [at, { metric, unit, most }] of (measured[0] ?? []).entries()) {
    const values = measured.map((each) => each[at]?.value ?? Number.NaN)
    const spread = [Math.min(...values), Math.max(...values)] as const
    const ours = median(values)
    console.log(`${name}: ${metric}: ${ours.toFixed(1)} ${unit} (at most ${most})`)
    rows.push({ case: name, metric, unit, ours, peers: { goal: most }, better: 'lower', spread })
  }
}
printResult('network', rows)
process.exit(0)

/** Plays a case in a running call between both hosts; `tookMs` is the time from the second join until both have a picture. */
async function call(
  { homes = false }: { readonly homes?: boolean },
  play: (pages: readonly Page[], tookMs: number) => Promise<readonly Measured[]>,
): Promise<readonly Measured[]> {
  makeHosts({ homes })
  const served = await serve({
    hostname: SERVER,
    port: 0,
    staticDir: join(root, 'node_modules/.cache/bench-network'),
    hub: ({ port }) =>
      createHub({ engine: createMemoryEngine(), origins: [`http://${SERVER}:${port}`] }),
  })
  const origin = `http://${SERVER}:${served.port}`
  const relay = homes ? startRelay() : undefined
  const iceServers = homes
    ? [{ urls: `turn:${SERVER}:33479`, username: 'alice', credential: 'for a benchmark' }]
    : []
  const browsers = []
  try {
    const pages: Page[] = []
    for (const host of HOSTS) {
      const browser = await launchOn(host, origin)
      browsers.push(browser)
      const page = await browser.newPage()
      await page.goto(origin)
      await page.waitForFunction(() => 'network' in window)
      pages.push(page)
    }
    const link = await createRoomLink(origin)
    const [alice, bob] = pages
    if (alice === undefined || bob === undefined) throw new Error('unreachable: two hosts')
    await enter(alice, { link, name: 'Alice', iceServers })
    const startMs = performance.now()
    await enter(bob, { link, name: 'Bob', iceServers })
    await Promise.all(
      pages.map((page) => page.waitForFunction(() => window.network.firstAfter(0) >= 0)),
    )
    const tookMs = performance.now() - startMs
    await sleep(3000)
    return await play(pages, tookMs)
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()))
    await served.close()
    relay?.stop()
    removeHosts()
  }
}

async function enter(
  page: Page,
  { link, ...options }: { link: string; name: string; iceServers: RTCIceServer[] },
): Promise<void> {
  await page.evaluate((to, given) => window.network.join(to, given), link, options)
}

/** The longer of both times until pictures come again. */
async function backAfter(pages: readonly Page[], most: number): Promise<Omit<Measured, 'metric'>> {
  const times = await Promise.all(
    pages.map(async (page) => {
      const nowMs = await page.evaluate(() => window.network.now())
      await page.waitForFunction((since) => window.network.firstAfter(since) >= 0, {}, nowMs)
      return page.evaluate((since) => window.network.firstAfter(since), nowMs)
    }),
  )
  return { unit: 'ms', most, value: Math.max(...times) }
}

/** The share of 20 s in which pictures stood still, and whether the connection stands at the end. */
async function lossy(pages: readonly Page[], share: number): Promise<readonly Measured[]> {
  const percent = `${Math.round(100 * share)} %`
  setLoss(share)
  await sleep(4000)
  const look = () => Promise.all(pages.map((page) => page.evaluate(() => window.network.flow())))
  const before = await look()
  await sleep(20_000)
  const after = await look()
  const frozen = after.map(({ frozenS }, at) => (frozenS - (before[at]?.frozenS ?? 0)) / 0.2)
  const apart = after.filter(({ state }) => state !== 'connected').length
  return [
    {
      metric: `time frozen at ${percent} loss each way`,
      unit: '%',
      most: share > 0.3 ? 100 : 3,
      value: Math.max(...frozen),
    },
    { metric: `sides without a connection at ${percent}`, unit: '', most: 0, value: apart },
  ]
}

function startRelay(): { stop(): void } {
  const program = findTurnServer()
  if (program === undefined) throw new Error('turnserver is missing')
  const folder = mkdtempSync(join(tmpdir(), 'turn-'))
  const file = join(folder, 'turn.conf')
  const lines = [
    ...[`listening-ip=${SERVER}`, `relay-ip=${SERVER}`, 'listening-port=33479'],
    ...['lt-cred-mech', 'user=alice:for a benchmark', 'realm=conclave.test', 'no-cli', 'no-tls'],
    ...['no-dtls', 'no-multicast-peers', `pidfile=${folder}/turn.pid`, `userdb=${folder}/turn.db`],
    ...['log-file=stdout', 'simple-log'],
  ]
  writeFileSync(file, lines.join('\n'))
  const child = spawn(program, ['-c', file], { stdio: 'ignore' })
  return {
    stop() {
      child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option)
  return at < 0 ? undefined : process.argv[at + 1]
}
