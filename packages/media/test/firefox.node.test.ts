import type { TransformApi } from '@conclave/media'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { runCell } from './matrix/cells.ts'
import type { Observation } from './pages/interop.ts'
import { BrowserPages, call, connectPages } from './support/browser-pages.ts'

/**
 * Chromium and Firefox in one call, in both directions, with the page as a bundler builds it and under the
 * strictest policy that it must work with.
 */
const ids = { chromium: 'AQEBAQEBAQEBAQEBAQEBAQ', firefox: 'AgICAgICAgICAgICAgICAg' } as const
const within = { timeout: 20_000, interval: 200 }
const pages = new BrowserPages()
const browsers: Browser[] = []

beforeAll(async () => {
  await pages.open()
  for (const name of ['chromium', 'firefox'] as const) browsers.push(await pages.launch(name))
}, 60_000)

afterAll(() => pages.close())

test.for<TransformApi>(['script-transform', 'encoded-streams'])(
  '[M19, M20, M55] Chromium (%s) and Firefox see and hear each other, also after a rotation',
  {
    timeout: 90_000,
  },
  async (api) => {
    const { chromium, firefox } = await startCall(api)
    for (const page of [chromium, firefox]) {
      await expect.poll(() => observe(page, 'framesDecoded'), within).toBeGreaterThan(20)
      await expect.poll(() => observe(page, 'audioEnergy'), within).toBeGreaterThan(0)
      await expect.poll(() => observe(page, 'width'), within).toBeGreaterThan(0)
    }
    const before = await Promise.all([chromium, firefox].map((page) => call(page, 'observe')))
    for (const page of [chromium, firefox]) await call(page, 'rotate', 2, 1)
    const keyFrames = async (way: 0 | 1): Promise<number> =>
      (await call(chromium, 'observe')).keyFrames[way]
    for (const way of [0, 1] as const) {
      const least = (before[0]?.keyFrames[way] ?? 0) + 1
      await expect.poll(() => keyFrames(way), within).toBeGreaterThanOrEqual(least)
    }
    for (const [i, page] of [chromium, firefox].entries()) {
      await expect
        .poll(() => observe(page, 'framesDecoded'), within)
        .toBeGreaterThan((before[i]?.framesDecoded ?? 0) + 60)
      const after = await call(page, 'observe')
      expect(after.dropped).toMatchObject({
        'not-authentic': 0,
        malformed: 0,
        'unsupported-codec': 0,
        internal: 0,
      })
      expect(after.risks).toBe(0)
      expect(after.states.filter(({ state }) => !state.endsWith('Success'))).toEqual([])
    }
  },
)

test.for(['video/vp8', 'video/vp9'])(
  '[M88, M89, M93] with %s Chromium and Firefox verify what the other one signs, also after a rotation',
  { timeout: 90_000 },
  async (videoCodec) => {
    const [chromium, firefox] = await Promise.all(browsers.map(openPage))
    if (!chromium || !firefox) throw new Error('unreachable: there are two browsers')
    const both = [chromium, firefox] as const
    const [one, other] = await Promise.all(both.map((page) => call(page, 'createSession')))
    if (one === undefined || other === undefined) throw new Error('unreachable: there are two')
    for (const [page, self] of [
      [chromium, one],
      [firefox, other],
    ] as const) {
      await call(page, 'start', { self, fill: 1, api: 'auto', videoCodec })
    }
    await connectPages([chromium, one], [firefox, other])
    await connectPages([firefox, other], [chromium, one])
    const more = async (page: Page, frames: number): Promise<void> => {
      const before = await observe(page, 'framesDecoded')
      await expect
        .poll(() => observe(page, 'framesDecoded'), within)
        .toBeGreaterThan(before + frames)
    }
    await Promise.all(both.map((page) => more(page, 90)))
    for (const page of both) await call(page, 'rotate', 2, 1)
    await Promise.all(both.map((page) => more(page, 90)))
    for (const page of both) {
      const { dropped, states, audioEnergy } = await call(page, 'observe')
      expect(dropped).toMatchObject({ 'not-signed': 0, 'not-authentic': 0, malformed: 0 })
      expect(states.filter(({ state }) => !state.endsWith('Success'))).toEqual([])
      expect(audioEnergy).toBeGreaterThan(0)
    }
  },
)

test('[M59, M60, M61] each browser forces a key frame for the next key, and nobody drops a frame', async () => {
  const { chromium, firefox } = await startCall()
  const pages = [
    [chromium, firefox, ids.firefox],
    [firefox, chromium, ids.chromium],
  ] as const
  for (const page of [chromium, firefox]) {
    await expect.poll(() => observe(page, 'framesDecoded'), within).toBeGreaterThan(20)
  }
  for (const [i, [leader, other, otherId]] of pages.entries()) {
    const key = [i + 2, i + 1] as const
    const { sealedKeyFrames } = await call(leader, 'observe')
    await call(leader, 'prepare', ...key, [otherId])
    await call(other, 'prepare', ...key)
    await call(leader, 'ready', otherId)
    const keyFrames = async (): Promise<number> => (await call(leader, 'observe')).sealedKeyFrames
    await expect.poll(keyFrames, within).toBeGreaterThan(sealedKeyFrames)
    const decoded = await observe(other, 'framesDecoded')
    await expect.poll(() => observe(other, 'framesDecoded'), within).toBeGreaterThan(decoded + 20)
  }
  for (const page of [chromium, firefox]) {
    const { dropped, states, risks } = await call(page, 'observe')
    expect(lost(dropped)).toBe(0)
    expect(states.filter(({ state }) => !state.endsWith('Success'))).toEqual([])
    expect(risks).toBe(0)
  }
}, 90_000)

test('[M55] Firefox has no encoded streams, and says so', async () => {
  const [, firefox] = await Promise.all(browsers.map(openPage))
  if (!firefox) throw new Error('unreachable: there are two browsers')
  const started = call(firefox, 'start', { self: ids.firefox, fill: 1, api: 'encoded-streams' })
  await expect(started).rejects.toThrow('createEncodedStreams is missing')
})

test('[M56, M57, M58] a receiver of Firefox is given to somebody else, and back', async () => {
  const { firefox } = await startCall()
  await expect.poll(() => observe(firefox, 'framesDecoded'), within).toBeGreaterThan(20)
  await call(firefox, 'repoint', 'AwMDAwMDAwMDAwMDAwMDAw')
  const { dropped: before } = await call(firefox, 'observe')
  const wrong = async (): Promise<number> =>
    (await call(firefox, 'observe')).dropped['not-authentic']
  await expect.poll(wrong, within).toBeGreaterThan(before['not-authentic'] + 10)
  const last = await observe(firefox, 'framesDecoded')
  await call(firefox, 'repoint', ids.chromium)
  await expect.poll(() => observe(firefox, 'framesDecoded'), within).toBeGreaterThan(last + 20)
  const { states, risks } = await call(firefox, 'observe')
  const failed = states.filter(({ state }) => !state.endsWith('Success'))
  expect(failed.filter(({ participant }) => participant === ids.chromium)).toEqual([])
  expect(risks).toBe(0)
}, 90_000)

test('[M23, M11] Firefox without its transforms sends in clear: no receiver plays it, and the track is stopped', async () => {
  const { chromium, firefox } = await startCall()
  await expect.poll(() => observe(chromium, 'framesDecoded'), within).toBeGreaterThan(20)
  await call(firefox, 'removeTransforms')
  await expect.poll(() => observe(firefox, 'risks'), within).toBe(2)
  await expect.poll(async () => (await call(firefox, 'observe')).isSending, within).toBe(false)
  const { opened, framesDecoded, dropped } = await call(chromium, 'observe')
  expect(framesDecoded).toBeLessThan(opened)
  expect(Object.values(dropped).reduce((sum, count) => sum + count)).toBeGreaterThan(0)
}, 90_000)

test.for(['killWorker', 'release'] as const)(
  '[M10, M21] Firefox without its worker, or that forgot its connection (%s), sends nothing',
  {
    timeout: 90_000,
  },
  async (step) => {
    const { chromium, firefox } = await startCall()
    await expect.poll(() => observe(chromium, 'framesDecoded'), within).toBeGreaterThan(20)
    await call(firefox, step)
    let before = -1
    const hasStopped = async (): Promise<boolean> => {
      const packets = await observe(chromium, 'packetsReceived')
      const isSame = packets === before
      before = packets
      return isSame
    }
    await expect.poll(hasStopped, { timeout: 20_000, interval: 1000 }).toBe(true)
    const { dropped, states } = await call(chromium, 'observe')
    expect(lost(dropped)).toBe(0)
    expect(states.filter(({ state }) => !state.endsWith('Success'))).toEqual([])
  },
)

test.for([
  ['chromium', 'firefox', 'video/vp9'],
  ['firefox', 'chromium', 'video/vp9'],
  ['chromium', 'firefox', 'video/av1'],
] as const)(
  '[M19, M45, M46] from %s to %s with %s pictures arrive sealed, also after a rotation',
  { timeout: 90_000 },
  async ([from, to, codec]) => {
    const [chromium, firefox] = browsers
    if (!chromium || !firefox) throw new Error('unreachable: there are two browsers')
    const both = { chromium, firefox }
    const apis = ['script-transform', 'script-transform'] as const
    const result = await runCell(
      { from, to, codec, apis },
      { pages, browsers: [both[from], both[to]], windowMs: 1_500 },
    )
    expect(result).toMatchObject({ clear: 0, foreign: 0, isMoving: true })
    expect(result?.decoded).toBeGreaterThan(20)
  },
)

/** The frames that were dropped, but for those that came twice: retransmission repeats some to probe the bandwidth. spec M32 */
const lost = (dropped: Observation['dropped']): number =>
  Object.entries(dropped).reduce(
    (sum, [reason, count]) => (reason === 'replay' ? sum : sum + count),
    0,
  )

/** A call in both directions between fresh pages. */
const startCall = async (
  api: 'auto' | TransformApi = 'auto',
): Promise<{ readonly chromium: Page; readonly firefox: Page }> => {
  const [chromium, firefox] = await Promise.all(browsers.map(openPage))
  if (!chromium || !firefox) throw new Error('unreachable: there are two browsers')
  await call(chromium, 'start', { self: ids.chromium, fill: 1, api })
  await call(firefox, 'start', { self: ids.firefox, fill: 1, api: 'auto' })
  await connectPages([chromium, ids.chromium], [firefox, ids.firefox])
  await connectPages([firefox, ids.firefox], [chromium, ids.chromium])
  return { chromium, firefox }
}

const openPage = async (browser: Browser): Promise<Page> => {
  const page = await pages.openPage(browser)
  onTestFinished(() => page.close())
  return page
}

const observe = async (
  page: Page,
  name: 'framesDecoded' | 'audioEnergy' | 'width' | 'risks' | 'packetsReceived',
): Promise<number> => (await call(page, 'observe'))[name]
