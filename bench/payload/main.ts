/**
 * Sealing a JSON value for a transport and opening it again, round trips in a second: ours as JSON and as bytes,
 * against a plain WebCrypto helper, jose (`dir`, A256GCM, raw key), tweetnacl's secretbox and noble's GCM, in
 * Node and in Chromium, in turns. `--quick` for a look.
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

const TARGETS: readonly (readonly [ours: 'json' | 'binary', peer: Contestant, least: number])[] = [
  ['json', 'plain', 1.2],
  ['binary', 'plain', 1.3],
  ['json', 'jose', 2],
  ['binary', 'jose', 2],
]
const PEERS = ['plain', 'plain, native base64', 'jose', 'secretbox', 'noble gcm'] as const

const results = [
  { engine: `Node ${process.versions.node}`, measured: await measureAll(plan) },
  await measureInChromium(),
]

console.log(
  `${plan.rounds} rounds of ${plan.roundMs} ms each, in turns; medians; ratios by round, their median`,
)
printResult(
  'payload',
  results.flatMap(({ engine, measured }) => measured.flatMap((one) => rowsOf(engine, one))),
)
console.log()
for (const { engine, measured } of results) {
  for (const one of measured) for (const line of verdictsOf(one)) console.log(`${engine}, ${line}`)
}

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
  return (['json', 'binary'] as const).map((ours) => ({
    case: `${engine}, ${sizeOf(bytes)}${atOnce === 1 ? '' : ` x${atOnce}`}`,
    metric: `round trip, ${ours}`,
    unit: '1/s',
    ours: Math.round(median(rates[ours])),
    peers,
    better: 'higher',
    spread: spread(rates[ours].map(Math.round)),
  }))
}

/** Lists the targets that were missed and the contestants that are faster. */
function verdictsOf({ bytes, atOnce, rates }: Measured): string[] {
  const where = `${sizeOf(bytes)}, ${atOnce === 1 ? 'one by one' : `${atOnce} at once`}`
  const ratio = (one: Contestant, peer: Contestant): number =>
    median(rates[one].map((rate, round) => rate / (rates[peer][round] ?? Number.NaN)))
  const aims = TARGETS.map(([ours, peer, least]) => {
    const reached = ratio(ours, peer)
    const verdict = reached >= least ? 'reached' : 'MISSED'
    return `${ours} ${reached.toFixed(2)}x ${peer} (${verdict}: ${least})`
  })
  const losses = (['json', 'binary'] as const).flatMap((ours) =>
    PEERS.filter((peer) => ratio(ours, peer) < 1).map(
      (peer) => `${ours} loses to ${peer}: ${ratio(ours, peer).toFixed(2)}x`,
    ),
  )
  // Hardly more than calls of the engine: what there is to win against who makes the same calls.
  const floor = `plain with native base64 reaches ${ratio('plain, native base64', 'jose').toFixed(2)}x jose`
  return [`${where}: ${[...aims, ...losses, floor].join('; ')}`]
}

function sizeOf(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`
}
