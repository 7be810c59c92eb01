/** The page of examples/07-static-conference in real browsers: static files, and a real nats-server. */
import { connect } from '@nats-io/transport-node'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launchBrowser, servePage } from '../../../tools/test-pages.ts'
import type { Engine } from '../../../tools/test-pages.ts'
import { startNatsServer } from './support/nats-server.ts'
import type { NatsServer } from './support/nats-server.ts'

const PASSPHRASE = 'pioneer velvet orbit magnet lunar satisfy'
const ROOM = 'a room of ours'
const within = { timeout: 50_000, interval: 200 }
let server: NatsServer
let pages: Awaited<ReturnType<typeof servePage>>
const browsers = new Map<Engine, Browser>()

beforeAll(async () => {
  server = await startNatsServer()
  const folder = new URL('../../../examples/07-static-conference', import.meta.url).pathname
  pages = await servePage(folder, 'static-conference')
  for (const engine of ['chromium', 'firefox'] as const) {
    browsers.set(engine, await launchBrowser(engine))
  }
}, 120_000)
afterAll(async () => {
  for (const browser of browsers.values()) await browser.close()
  await pages.close()
  await server.kill()
})

test('[S36, S75, S77] three in Chromium and Firefox see each other, somebody with another passphrase sees nobody, and neither the bus nor another server learns anything', async () => {
  const listener = await connect({ servers: server.tcp })
  onTestFinished(() => listener.close())
  const carried: string[] = []
  listener.subscribe('>', {
    callback: (_, { subject, data }) =>
      void carried.push(subject, Buffer.from(data).toString('latin1')),
  })
  await listener.flush()
  const asked: string[] = []
  const alice = await join('chromium', { passphrase: PASSPHRASE, asked })
  const link = await alice.$eval('a', ({ href }) => href)
  const bob = await join('firefox', { link })
  for (const page of [alice, bob]) await expect.poll(() => moving(page), within).toBe(2)
  const mallory = await join('chromium', { passphrase: PASSPHRASE.replace('orbit', 'origin') })
  const carol = await join('chromium', { link, asked })
  for (const page of [alice, bob, carol]) await expect.poll(() => moving(page), within).toBe(3)
  expect(await moving(mallory)).toBe(1)

  await bob.click('p button')
  for (const page of [alice, carol]) await expect.poll(() => moving(page), within).toBe(2)
  expect(await statusOf(bob)).toBe('You left.')

  expect(carried.length).toBeGreaterThan(100)
  const text = carried.join('\n')
  for (const secret of [
    'fingerprint',
    'candidate',
    'invoke',
    'orbit',
    ROOM,
    'cm9vbQ',
    '127.0.0.1',
  ]) {
    expect(text).not.toContain(secret)
  }
  // Nobody but the server of the files.
  const files = asked
    .filter((url) => !url.startsWith('data:'))
    .map((url) => url.split('#')[0] ?? '')
  expect(files.length).toBeGreaterThan(3)
  expect(files.filter((url) => !url.startsWith(pages.url))).toEqual([])
  expect(files.filter((url) => /orbit|ours/.test(url))).toEqual([])
}, 180_000)

test.each(['chromium', 'firefox'] as const)(
  '[S86] in %s a weak passphrase is refused, and nobody is shown',
  async (engine) => {
    const page = await open(engine, { passphrase: 'hunter2' })
    await page.click('form button')
    await expect.poll(() => statusOf(page), within).toMatch(/passphrase/)
    expect(await page.$$('li')).toEqual([])
    expect(await page.$eval('form', ({ hidden }) => hidden)).toBe(false)
  },
)

interface Coming {
  /** The link that somebody sent; left out: the form is filled in. */
  readonly link?: string
  readonly passphrase?: string
  /** Gets the addresses of all requests. */
  readonly asked?: string[]
}

async function join(engine: Engine, coming: Coming): Promise<Page> {
  const page = await open(engine, coming)
  await page.click('form button')
  await expect.poll(() => statusOf(page), within).toBe('You are in.')
  return page
}

async function open(engine: Engine, { link, passphrase = '', asked }: Coming): Promise<Page> {
  const page = await browsers.get(engine)?.newPage()
  if (page === undefined) throw new Error('no browser')
  onTestFinished(() => page.close())
  if (asked !== undefined) page.on('request', (request) => asked.push(request.url()))
  const place = new URLSearchParams({ server: server.web, room: ROOM, passphrase })
  await page.goto(link ?? `${pages.url}#${place.toString()}`)
  return page
}

const statusOf = (page: Page): Promise<string> => page.$eval('output', ({ value }) => value)

/** The pictures that move. */
const moving = (page: Page): Promise<number> =>
  page.$$eval(
    'li video',
    (videos) =>
      videos.filter((video) => {
        const { videoWidth, currentTime } = video as HTMLVideoElement
        return videoWidth > 0 && currentTime > 0
      }).length,
  )
