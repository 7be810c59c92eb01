/**
 * Sealing a JSON value for a transport and opening it again, round trips in a second: ours as JSON and as bytes, under a key
 * of bytes and under a `CryptoKey`, against a plain WebCrypto helper (`plain`, with the engine's own base64 `native`), jose (`dir`,
 * A256GCM, raw key), tweetnacl's secretbox and noble's GCM, in Node and in Chromium, in turns. Then the goals. `--quick` for a look.
 *
 * @module
 */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { build, defaultClientConditions, preview } from 'vite'
import type { InlineConfig } from 'vite'
import { chromiumArgs, findChromium } from '../../tools/browsers.ts'
import { median, printResult, spread } from '../table.ts'
import type { BenchRow } from '../table.ts'
import type { Contestant } from './contestants.ts'
import { measureAll } from './measure.ts'
import type { Measured, Plan } from './measure.ts'

const plan: Plan = process.argv.includes('--quick')
  ? { rounds: 7, roundMs: 40 }
  : { rounds: 21, roundMs: 80 }

type Ours = 'json' | 'binary'

/** A goal: our rate against that of a contestant, for values from some size on. */
interface Goal {
  readonly ours: Ours | 'binary, ring of 4,096' | 'binary, 4,096 in turns'
  readonly peer: Contestant
  readonly least: number
  readonly bytes: readonly number[]
  readonly atOnce?: 1 | 32
  readonly engine?: 'Node'
}

const ALL = [256, 1024, 4096]
const BOTH = ['json', 'binary'] as const
const GOALS: readonly Goal[] = [
  ...BOTH.flatMap((ours): Goal[] => [
    { ours, peer: 'plain', least: ours === 'json' ? 1.2 : 1.3, bytes: ALL },
    { ours, peer: 'jose', least: 2, bytes: ALL },
    { ours, peer: 'plain', least: 6, bytes: [256], atOnce: 1, engine: 'Node' },
    { ours, peer: 'plain', least: 3, bytes: [256], atOnce: 32, engine: 'Node' },
    { ours, peer: 'jose', least: 8, bytes: [256], engine: 'Node' },
    { ours, peer: 'secretbox', least: 0.8, bytes: [256], engine: 'Node' },
    { ours, peer: 'secretbox', least: 1, bytes: [1024, 4096], engine: 'Node' },
  ]),
  { ours: 'binary, ring of 4,096', peer: 'binary', least: 1 / 1.1, bytes: ALL },
  { ours: 'binary, 4,096 in turns', peer: 'binary', least: 1 / 1.1, bytes: ALL },
]
const PEERS = ['plain', 'native', 'jose', 'secretbox', 'noble'] as const
const OURS = [
  ...BOTH,
  'json, CryptoKey',
  'binary, CryptoKey',
  'binary, ring of 4,096',
  'binary, 4,096 in turns',
] as const

const results = [
  { engine: `Node ${process.versions.node}`, measured: await measureAll(plan) },
  await measureInChromium(),
]

console.log(
  `${plan.rounds} rounds of ${plan.roundMs} ms each, in turns; medians; ratios by round, their median`,
)
for (const { engine, measured } of results) {
  for (const one of measured)
    for (const line of verdictsOf(engine, one)) console.log(`${engine}, ${line}`)
}
console.log()
// With `--json` its last line.
printResult(
  'payload',
  results.flatMap(({ engine, measured }) => measured.flatMap((one) => rowsOf(engine, one))),
)

async function measureInChromium(): Promise<{ engine: string; measured: Measured[] }> {
  const config: InlineConfig = {
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    build: {
      outDir: join(import.meta.dirname, '../../node_modules/.cache/bench-payload'),
      target: 'es2022',
      emptyOutDir: true,
      minify: true,
    },
    preview: { host: '127.0.0.1', port: 0 },
  }
  await build(config)
  const server = await preview(config)
  const browser = await chromium.launch({
    executablePath: findChromium() ?? 'chromium',
    args: [...chromiumArgs],
  })
  try {
    const page = await browser.newPage()
    const { port } = server.httpServer.address() as AddressInfo
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.waitForFunction(() => 'measureAll' in window)
    const measured = await page.evaluate((given) => window.measureAll(given), plan)
    return { engine: `Chromium ${browser.version().split('.')[0]}`, measured }
  } finally {
    await browser.close()
    await server.close()
  }
}

function rowsOf(engine: string, { bytes, atOnce, rates }: Measured): BenchRow[] {
  const peers = Object.fromEntries(PEERS.map((peer) => [peer, Math.round(median(rates[peer]))]))
  return OURS.map((ours) => ({
    case: `${engine}, ${sizeOf(bytes)}${atOnce === 1 ? '' : ` x${atOnce}`}`,
    metric: `round trip, ${ours}`,
    unit: '1/s',
    ours: Math.round(median(rates[ours])),
    peers,
    better: 'higher',
    spread: spread(rates[ours].map(Math.round)),
  }))
}

/** Lists the goals, and the contestants that are faster. */
function verdictsOf(engine: string, { bytes, atOnce, rates }: Measured): string[] {
  const where = `${sizeOf(bytes)}, ${atOnce === 1 ? 'one by one' : `${atOnce} at once`}`
  const ratio = (one: Contestant, peer: Contestant): number =>
    median(rates[one].map((rate, round) => rate / (rates[peer][round] ?? Number.NaN)))
  const goals = GOALS.filter(
    (goal) =>
      goal.bytes.includes(bytes) &&
      (goal.atOnce ?? atOnce) === atOnce &&
      (goal.engine === undefined || engine.startsWith(goal.engine)),
  ).map(({ ours, peer, least }) => {
    const reached = ratio(ours, peer)
    const verdict = reached >= least ? 'reached' : 'MISSED'
    return `${ours}: ${reached.toFixed(2)}x ${peer} (${verdict}: ${least.toFixed(2)})`
  })
  const losses = BOTH.flatMap((ours) =>
    PEERS.filter((peer) => ratio(ours, peer) < 1).map(
      (peer) => `${ours} loses to ${peer}: ${ratio(ours, peer).toFixed(2)}x`,
    ),
  )
  // Hardly more than calls of WebCrypto: what there is to win against who makes the same calls.
  const floor = `native reaches ${ratio('native', 'jose').toFixed(2)}x jose`
  return [`${where}: ${[...goals, ...losses, floor].join('; ')}`]
}

function sizeOf(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`
}
