/**
 * A call between two hosts of a network that fails, in namespaces with real Chromium: 5 to 75 s without any network, a host that sleeps for 20 to 100 s, another address,
 * a fifth and two fifths of all packets lost each way, and two homes whose routers let nothing in, with a real coturn. Needs root, `ip` and `nft`.
 *
 * `--only NAME,NAME` plays some cases, `--rounds N` plays each as often.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRoomLink } from '@conclave/client'
import { createHub, createMemoryEngine } from '@conclave/server'
import { serve } from '@conclave/server/node'
import type { Browser, Page } from 'puppeteer-core'
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

/** The call that a case plays in. */
interface CallHost {
  readonly tookMs: number
  /** Puts the first host to sleep; the returned function wakes it. */
  sleep(): () => void
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
  blackout: async () => blackout(20),
  blackout5: async () => blackout(5),
  blackout40: async () => blackout(40),
  blackout75: async () => blackout(75),
  asleep20: async () => asleep(20),
  asleep60: async () => asleep(60),
  asleep100: async () => asleep(100),
  address: async () =>
    call({}, async (pages) => {
      changeAddress('cvA', '10.97.0.11')
      return [{ metric: 'picture back after another address', ...(await backAfter(pages, 3000)) }]
    }),
  loss20: async () => call({}, async (pages) => lossy(pages, 0.2)),
  loss40: async () => call({}, async (pages) => lossy(pages, 0.4)),
  homes: async () => {
    const first: Measured[] = []
    await call({ homes: true }, async (pages, { tookMs }) => {
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

/** One host has no network for some time. */
async function blackout(seconds: number): Promise<readonly Measured[]> {
  return call({}, async (pages) => {
    setPlugged('cvA', false)
    await sleep(1000 * seconds)
    setPlugged('cvA', true)
    return back(pages, { what: `${seconds} s without network`, most: 1000 })
  })
}

/** One host sleeps for some time, as a laptop that is shut: none of its processes runs. */
async function asleep(seconds: number): Promise<readonly Measured[]> {
  return call({}, async (pages, host) => {
    const wakeUp = host.sleep()
    await sleep(1000 * seconds)
    wakeUp()
    return back(pages, { what: `${seconds} s asleep`, most: 3000 })
  })
}

/** The times until there are pictures again, and until something that is said then is heard. */
async function back(
  pages: readonly Page[],
  { what, most }: { readonly what: string; readonly most: number },
): Promise<readonly Measured[]> {
  const [alice, bob] = pages
  const startMs = performance.now()
  await alice?.evaluate(() => window.network.say('after'))
  const heard = bob?.waitForFunction(() => window.network.hears('after'), { polling: 20 })
  const picture = await backAfter(pages, most)
  await heard
  const value = performance.now() - startMs
  return [
    { metric: `picture back after ${what}`, ...picture },
    { metric: `chat heard after ${what}`, unit: 'ms', most: 9000, value },
  ]
}

/** Plays a case in a running call between both hosts; its time is that from the second join until both have a picture. */
async function call(
  { homes = false }: { readonly homes?: boolean },
  play: (pages: readonly Page[], host: CallHost) => Promise<readonly Measured[]>,
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
  const browsers: Browser[] = []
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
    return await play(pages, { tookMs, sleep: () => stopProcesses(browsers[0]) })
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()))
    await served.close()
    relay?.stop()
    removeHosts()
  }
}

/** Stops all processes of a browser; the returned function lets them go on. */
function stopProcesses(browser: Browser | undefined): () => void {
  const stopped = [browser?.process()?.pid ?? 0]
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(parentOf)
  // Children of the last round, until there are none.
  for (let from = 0; from < stopped.length; from += 1) {
    stopped.push(...parents.filter(({ parent }) => parent === stopped[from]).map(({ pid }) => pid))
  }
  if (stopped[0] === 0) throw new Error('unreachable: it runs')
  for (const pid of stopped) process.kill(pid, 'SIGSTOP')
  return () => {
    for (const pid of stopped.toReversed()) process.kill(pid, 'SIGCONT')
  }
}

/** The parent of a process, as Linux tells it; one that ended meanwhile has none. */
function parentOf(name: string): { readonly pid: number; readonly parent: number } {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
    // Its name stands in brackets, and may have spaces.
    return {
      pid: Number(name),
      parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]),
    }
  } catch {
    return { pid: Number(name), parent: -1 }
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
