import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TransformApi } from '@conclave/media'
import puppeteer from 'puppeteer-core'
import type { Browser, Page } from 'puppeteer-core'
import { build, defaultClientConditions } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { chromiumArgs, findChromium, findFirefox, firefoxPrefs } from '../../../tools/browsers.ts'
import type { InteropPage } from './pages/interop.ts'

/**
 * Chromium and Firefox in one call, in both directions, with the page as a bundler builds it and under the
 * strictest policy that it must work with.
 */
const ids = { chromium: 'AQEBAQEBAQEBAQEBAQEBAQ', firefox: 'AgICAgICAgICAgICAgICAg' } as const
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; media-src 'self'"
const within = { timeout: 20_000, interval: 200 }
const cleanups: (() => Promise<unknown>)[] = []
const browsers: Browser[] = []
let origin = ''

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-media-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  await build({
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('./pages', import.meta.url)),
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    build: {
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: { input: fileURLToPath(new URL('./pages/interop.html', import.meta.url)) },
    },
  })
  origin = await serve(folder)
  await launch({ executablePath: findChromium() ?? 'chromium', args: [...chromiumArgs] })
  await launch({
    browser: 'firefox',
    executablePath: findFirefox() ?? 'firefox-esr',
    extraPrefsFirefox: { ...firefoxPrefs },
  })
}, 60_000)

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

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
    expect(Object.values(dropped).reduce((sum, count) => sum + count)).toBe(0)
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

test('[M21] Firefox without its worker sends nothing', async () => {
  const { chromium, firefox } = await startCall()
  await expect.poll(() => observe(chromium, 'framesDecoded'), within).toBeGreaterThan(20)
  await call(firefox, 'killWorker')
  let before = -1
  const hasStopped = async (): Promise<boolean> => {
    const packets = await observe(chromium, 'packetsReceived')
    const isSame = packets === before
    before = packets
    return isSame
  }
  await expect.poll(hasStopped, { timeout: 20_000, interval: 1000 }).toBe(true)
  const { dropped, states } = await call(chromium, 'observe')
  expect(Object.values(dropped).every((count) => count === 0)).toBe(true)
  expect(states.filter(({ state }) => !state.endsWith('Success'))).toEqual([])
}, 90_000)

/** A call in both directions between fresh pages. */
const startCall = async (
  api: 'auto' | TransformApi = 'auto',
): Promise<{ readonly chromium: Page; readonly firefox: Page }> => {
  const [chromium, firefox] = await Promise.all(browsers.map(openPage))
  if (!chromium || !firefox) throw new Error('unreachable: there are two browsers')
  await call(chromium, 'start', { self: ids.chromium, fill: 1, api })
  await call(firefox, 'start', { self: ids.firefox, fill: 1, api: 'auto' })
  await connect([chromium, ids.chromium], [firefox, ids.firefox])
  await connect([firefox, ids.firefox], [chromium, ids.chromium])
  return { chromium, firefox }
}

const openPage = async (browser: Browser): Promise<Page> => {
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  await page.goto(`${origin}/interop.html`)
  return page
}

const connect = async (
  [from, fromId]: readonly [Page, string],
  [to, toId]: readonly [Page, string],
): Promise<void> => {
  const offer = await call(from, 'send', toId)
  const answer = await call(to, 'receive', fromId, offer)
  await call(from, 'accept', answer)
}

const observe = async (
  page: Page,
  name: 'framesDecoded' | 'audioEnergy' | 'width' | 'risks' | 'packetsReceived',
): Promise<number> => (await call(page, 'observe'))[name]

const call = <K extends keyof InteropPage>(
  page: Page,
  name: K,
  ...parameters: Parameters<InteropPage[K]>
): Promise<Awaited<ReturnType<InteropPage[K]>>> =>
  page.evaluate(
    (method, values) => {
      const { page: target } = globalThis as unknown as {
        page: Record<string, (...given: unknown[]) => unknown>
      }
      return target[method]?.(...values)
    },
    name,
    parameters as unknown[],
  ) as Promise<Awaited<ReturnType<InteropPage[K]>>>

const launch = async (options: Parameters<typeof puppeteer.launch>[0]): Promise<void> => {
  const browser = await puppeteer.launch({ headless: true, ...options })
  cleanups.push(() => browser.close())
  browsers.push(browser)
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

const serve = async (folder: string): Promise<string> => {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    readFile(join(folder, path)).then(
      (body) => {
        const headers = {
          'content-type': types[extname(path)] ?? 'text/plain',
          'content-security-policy': policy,
        }
        response.writeHead(200, headers).end(body)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  cleanups.push(() => new Promise((resolve) => void server.close(resolve)))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
