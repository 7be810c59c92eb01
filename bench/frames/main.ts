/**
 * The time to seal and to open a frame, in microseconds: ours in SFrame and in LiveKit's format, the frame cryptor of `livekit-client`
 * (`livekit`) and bare calls of WebCrypto (`webcrypto`, the limit), by codec and size, in Node, in a worker of Chromium and in one of
 * Firefox, in turns. Then the goals. `--quick` for a look, `--node` for Node only.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import puppeteer from 'puppeteer-core'
import type { LaunchOptions } from 'puppeteer-core'
import { build, defaultClientConditions, preview } from 'vite'
import type { InlineConfig } from 'vite'
import { chromiumArgs, findChromium, findFirefox, firefoxPrefs } from '../../tools/browsers.ts'
import { median, printResult, spread } from '../table.ts'
import type { BenchRow } from '../table.ts'
import type { Contestant } from './contestants.ts'
import { measureAll } from './measure.ts'
import type { Measured, Plan } from './measure.ts'

const plan: Plan = process.argv.includes('--quick')
  ? { rounds: 31, frames: 40, bytes: 400_000 }
  : { rounds: 101, frames: 40, bytes: 400_000 }

/** Ours against another contestant: at most this many times its time. */
interface Goal {
  readonly peer: Contestant
  readonly most: number
  holdsFor(measured: Measured): boolean
}

const GOALS: readonly Goal[] = [
  { peer: 'webcrypto', most: 1.15, holdsFor: ({ mimeType }) => mimeType !== 'video/h264' },
  { peer: 'livekit', most: 1, holdsFor: () => true },
  {
    ...{ peer: 'livekit', most: 0.2 },
    holdsFor: ({ mimeType, size }) => mimeType === 'video/h264' && size === 50_000,
  },
]

const require = createRequire(import.meta.url)
const livekitScript = readFileSync(require.resolve('livekit-client/e2ee-worker'), 'utf8')
const results = [
  {
    engine: `Node ${process.versions.node}`,
    measured: await measureAll(plan, livekitScript),
  },
  ...(process.argv.includes('--node') ? [] : await measureInBrowsers()),
]

console.log(
  `${plan.rounds} rounds of ${plan.frames} frames, or of ${plan.bytes / 1e6} MB, in turns; medians; ratios by round, their median`,
)
for (const { engine, measured } of results) {
  for (const one of measured) console.log(`${engine}, ${caseOf(one)}: ${verdictsOf(one)}`)
}
console.log()
// With `--json` its last line.
printResult(
  'frames',
  results.flatMap(({ engine, measured }) => measured.flatMap((one) => rowsOf(engine, one))),
)

async function measureInBrowsers(): Promise<{ engine: string; measured: Measured[] }[]> {
  const config: InlineConfig = {
    ...{ root: import.meta.dirname, configFile: false, logLevel: 'warn' },
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    worker: { format: 'es' },
    build: {
      outDir: join(import.meta.dirname, '../../node_modules/.cache/bench-frames'),
      ...{ target: 'es2022', emptyOutDir: true, minify: true },
    },
    preview: {
      ...{ host: '127.0.0.1', port: 0 },
      // A page without others in its process has a finer clock.
      headers: {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      },
    },
  }
  await build(config)
  const server = await preview(config)
  const { port } = server.httpServer.address() as AddressInfo
  const measured: { engine: string; measured: Measured[] }[] = []
  try {
    for (const options of [
      { executablePath: findChromium() ?? 'chromium', args: [...chromiumArgs] },
      {
        browser: 'firefox' as const,
        executablePath: findFirefox() ?? 'firefox-esr',
        extraPrefsFirefox: { ...firefoxPrefs },
      },
    ] satisfies LaunchOptions[]) {
      const browser = await puppeteer.launch({
        headless: true,
        protocolTimeout: 600_000,
        ...options,
      })
      try {
        const page = await browser.newPage()
        await page.goto(`http://127.0.0.1:${port}/`)
        await page.waitForFunction(() => 'measureInWorker' in window)
        const all = await page.evaluate((given) => window.measureInWorker(given), plan)
        measured.push({ engine: await browser.version(), measured: all })
      } finally {
        await browser.close()
      }
    }
  } finally {
    await server.close()
  }
  return measured
}

function rowsOf(engine: string, measured: Measured): BenchRow[] {
  const { times } = measured
  const peers = Object.fromEntries(
    (['livekit', 'webcrypto'] as const).flatMap((peer) =>
      times[peer] ? [[peer, median(times[peer])]] : [],
    ),
  )
  return (['ours', 'ours-livekit'] as const).flatMap((ours) => {
    const all = times[ours]
    return all === undefined
      ? []
      : {
          case: `${engine}, ${caseOf(measured)}`,
          metric: ours === 'ours' ? 'SFrame' : "LiveKit's format",
          ...{ unit: 'us', ours: median(all), peers, better: 'lower', spread: spread(all) },
        }
  })
}

/** Lists the goals, and how far each was met. */
function verdictsOf(measured: Measured): string {
  const { times } = measured
  const goals = GOALS.flatMap(({ peer, most, holdsFor }) => {
    const theirs = times[peer]
    if (!theirs || !holdsFor(measured)) return []
    const reached = median((times.ours ?? []).map((us, at) => us / (theirs[at] ?? Number.NaN)))
    const verdict = reached <= most ? 'reached' : 'MISSED'
    return `${reached.toFixed(2)} of ${peer} (${verdict}: ${most})`
  })
  return goals.join('; ')
}

function caseOf({ mimeType, size, work }: Measured): string {
  return `${mimeType.slice(6)}, ${size < 1000 ? `${size} B` : `${size / 1000} kB`}, ${work}`
}
