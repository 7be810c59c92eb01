/**
 * `npm run livekit`: rooms of a real LiveKit server with one member that runs `livekit-client` and its frame encryption, and one that runs
 * `livekit-client` with ours. Writes its part of `docs/browsers.md`, and ends with 1 if a call is not as it must be.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Browser, Page } from 'puppeteer-core'
import { launchBrowser, servePage } from '../../../../tools/test-pages.ts'
import type { Engine } from '../../../../tools/test-pages.ts'
import type { Encryption, Seen } from './page.ts'
import { startLiveKitServer } from './server.ts'

const DOCUMENT = new URL('../../../../docs/browsers.md', import.meta.url)
const [BEGIN, END] = ['<!-- written by npm run livekit -->', '<!-- end of npm run livekit -->']
const KEY = 'wrinkle-otter-mosaic-hazel-canyon-drift'
const NEXT_KEY = 'pioneer-velvet-orbit-magnet-lunar-satisfy'
const PATIENCE_MS = 30_000
const calls: readonly (readonly [ours: Engine, theirs: Engine])[] = [
  ['chromium', 'chromium'],
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
  ['firefox', 'firefox'],
]
const shownName = { chromium: 'Chromium', firefox: 'Firefox' } as const

/** One member in a page. */
interface Member {
  readonly self: string
  readonly page: Page
}

const faults: string[] = []
const rows: string[] = []
const server = await startLiveKitServer()
const pages = await servePage(import.meta.dirname, 'livekit-room')
const browsers = new Map<Engine, Browser>()
try {
  for (const engine of ['chromium', 'firefox'] as const) {
    browsers.set(engine, await launchBrowser(engine))
  }
  for (const call of calls) {
    const row = await run(call)
    rows.push(`| ${row.join(' | ')} |`)
    process.stdout.write(`${rows.at(-1)}\n`)
  }
} finally {
  for (const browser of browsers.values()) await browser.close()
  await pages.close()
  await server.close()
}
for (const fault of faults) process.stderr.write(`${fault}\n`)
if (faults.length === 0) write()
process.exitCode = faults.length === 0 ? 0 : 1

/** One room: both see and hear each other, also after a mute and with the next key; somebody with another key does not. */
async function run([ours, theirs]: (typeof calls)[number]): Promise<readonly string[]> {
  const room = `room-${ours}-${theirs}`
  const join = async (
    engine: Engine,
    as: string,
    encryption: Encryption,
    key = KEY,
  ): Promise<Member> => {
    const page = await browsers.get(engine)?.newPage()
    if (page === undefined) throw new Error('unreachable: both browsers were started')
    await page.goto(pages.url)
    await page.waitForFunction(() => 'livekit' in window)
    const joining = { encryption, url: server.url, self: as, key }
    const token = await server.ticket(room, as)
    await page.evaluate((given) => window.livekit.join(given), { ...joining, token })
    return { self: as, page }
  }
  const alice = await join(ours, 'alice', 'ours')
  const bob = await join(theirs, 'bob', 'theirs')
  const both = [
    [alice, bob],
    [bob, alice],
  ] as const
  const flows = async (what: string): Promise<readonly Seen[]> =>
    Promise.all(
      both.map(async ([one, other]) => {
        const before = await seen(one, other)
        return until(
          `${room}: ${one.self} sees and hears ${other.self} ${what}`,
          one,
          other,
          (now) => {
            const isMoving = now.pictures > before.pictures + 30 && now.width > 0
            return isMoving && now.sound > before.sound
          },
        )
      }),
    )
  const first = await flows('from the beginning')
  await bob.page.evaluate(() => window.livekit.mute(true))
  await until(`${room}: the frames of the server are told apart`, alice, bob, ({ dropped }) => {
    return (dropped['server-made'] ?? 0) > 0
  })
  await bob.page.evaluate(() => window.livekit.mute(false))
  await flows('after a mute')
  for (const [one, other] of both) {
    const { faults: found } = await seen(one, other)
    faults.push(...found.map((fault) => `${room}: ${one.self}: ${fault}`))
  }
  for (const [one] of both) await one.page.evaluate((key) => window.livekit.setKey(key), NEXT_KEY)
  await flows('with the next key')

  const mallory = await join('chromium', 'mallory', 'ours')
  await until(`${room}: frames reach somebody with another key`, mallory, alice, ({ dropped }) => {
    return (dropped['not-authentic'] ?? 0) > 60
  })
  for (const other of [alice, bob]) {
    const { pictures, sound } = await seen(mallory, other)
    if (pictures + sound > 0) faults.push(`${room}: another key shows ${other.self}`)
  }
  for (const { page } of [alice, bob, mallory]) {
    await page.evaluate(() => window.livekit.leave())
    await page.close()
  }
  return [shownName[ours], shownName[theirs], ...first.map(({ pictures }) => String(pictures)), '0']
}

function seen({ page }: Member, { self }: Member): Promise<Seen> {
  return page.evaluate((of) => window.livekit.observe(of), self)
}

async function until(
  what: string,
  one: Member,
  other: Member,
  holds: (now: Seen) => boolean,
): Promise<Seen> {
  const endMs = performance.now() + PATIENCE_MS
  for (;;) {
    const now = await seen(one, other)
    if (holds(now)) return now
    if (performance.now() > endMs) {
      const theirs = await seen(other, one)
      throw new Error(`never: ${what}: ${JSON.stringify({ now, theirs })}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function write(): void {
  const [before = '', rest = ''] = readFileSync(DOCUMENT, 'utf8').split(BEGIN)
  const [, after = ''] = rest.split(END)
  const head =
    'with our frames | with livekit-client’s | pictures of the second that the first decoded, when both saw 30 | of the first by the second | with another key'
  const table = [`| ${head} |`, '|---|---|---|---|---|', ...rows].join('\n')
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n${table}\n${END}${after}`)
}
