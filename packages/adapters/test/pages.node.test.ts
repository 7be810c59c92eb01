/** Two pages of a real Chromium with the browser builds of pusher-js and Echo, over a local server that writes down all it sees. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { startPusherServer } from '@conclave/adapters/testing'
import type { PusherServer } from '@conclave/adapters/testing'
import { chromium } from 'playwright'
import type { Browser, Page } from 'playwright'
import PusherBackend from 'pusher'
import { build, defaultClientConditions } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { chromiumArgs, findChromium } from '../../../tools/browsers.ts'
import type { Heard, Meeting, pageFunctions } from './page/page.ts'
import { authorize } from './pusher/pusher-fixtures.ts'

let browser: Browser
let scripts: Readonly<Record<string, string>>
beforeAll(async () => {
  const [page, peer] = [await bundle('page'), await bundle('peer')]
  scripts = { '/page.js': page, '/peer.js': peer }
  browser = await chromium.launch({
    executablePath: findChromium() ?? 'chromium',
    args: [...chromiumArgs],
  })
})
afterAll(() => browser.close())

let server: PusherServer
let backend: PusherBackend
let pages: Page[]
beforeEach(async () => {
  server = await startPusherServer({
    sockets: new WebSocketServer({ noServer: true }),
    authorize: (request) => authorize(backend, { ...request, name: request.socketId }),
    page: (path) => {
      const script = scripts[path]
      if (script !== undefined) return { type: 'text/javascript', body: script }
      const name = { '/': 'page', '/frame.html': 'peer' }[path]
      const body = `<!doctype html><body><script type="module" src="/${name}.js"></script>`
      return name === undefined ? undefined : { type: 'text/html', body }
    },
  })
  const { appId, key, secret, host, port } = server
  const encryptionMasterKeyBase64 = Buffer.alloc(32, 5).toString('base64')
  backend = new PusherBackend({
    appId,
    key,
    secret,
    host,
    port: String(port),
    encryptionMasterKeyBase64,
  })
  const context = await browser.newContext()
  pages = [await context.newPage(), await context.newPage()]
  for (const page of pages) {
    await page.goto(`http://127.0.0.1:${server.port}/`)
    await page.waitForFunction(() => 'pageFunctions' in globalThis)
  }
})
afterEach(async () => {
  for (const page of pages) await page.close()
  await server.close()
})

test.each([
  ['joinPusher', 'joinPusher'],
  ['joinEcho', 'joinEcho'],
  ['joinPusher', 'joinEcho'],
] as const)(
  '[T20, T30, T70] %s and %s in two pages meet, and the server sees no value',
  async (first, second) => {
    const [alice, bob] = await meet()
    expect(await call(alice, 'isBrowserBuild')).toBe(true)
    await call(alice, first, meetingOf('alice'))
    await call(bob, second, meetingOf('bob'))
    await call(alice, 'send', { canary: 'from alice' })
    await expect.poll(() => heard(bob)).toEqual({ values: [{ canary: 'from alice' }], dropped: {} })
    await call(bob, 'send', { canary: 'from bob' })
    await expect.poll(() => heard(alice)).toEqual({ values: [{ canary: 'from bob' }], dropped: {} })
    await backend.trigger('presence-room', 'message', { body: 'in clear' })
    await expect.poll(() => heard(bob)).toMatchObject({ values: [{}], dropped: { unsealed: 1 } })
    const seen = server.seen.join('\n')
    expect(seen).toContain('client-message')
    expect(seen).not.toContain('canary')
    expect(seen).not.toContain('from alice')
    expect(seen).not.toContain(Buffer.alloc(32, 7).toString('base64url'))
  },
)

test('[T21] an encrypted channel of Pusher and a sealed one work side by side', async () => {
  const [alice, bob] = await meet()
  await call(alice, 'joinBoth', meetingOf('alice'))
  await call(bob, 'joinBoth', meetingOf('bob'))
  await backend.trigger('private-encrypted-room', 'message', { way: 'old' })
  await expect.poll(() => heard(bob)).toEqual({ values: [{ way: 'old' }], dropped: {} })
  await call(alice, 'send', { way: 'new' })
  await expect
    .poll(() => heard(bob))
    .toEqual({ values: [{ way: 'old' }, { way: 'new' }], dropped: {} })
})

test.each(['json', 'binary'] as const)(
  '[T40, T41] sockets of two pages exchange events over a broadcasting server, in %s',
  async (encoding) => {
    const relay = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    const seen: Buffer[] = []
    relay.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => {
        seen.push(data as Buffer)
        for (const client of relay.clients) client.send(data, { binary: isBinary })
      })
    })
    await once(relay, 'listening')
    const url = `ws://127.0.0.1:${(relay.address() as AddressInfo).port}`
    const [alice, bob] = await meet()
    await call(bob, 'joinSocket', url, 'bob', encoding)
    await call(alice, 'joinSocket', url, 'alice', encoding)
    await call(alice, 'send', { canary: 1 })
    await expect.poll(() => heard(bob)).toEqual({ values: [{ canary: 1 }], dropped: {} })
    await expect.poll(() => heard(alice)).toEqual({ values: [], dropped: { reflected: 1 } })
    expect(Buffer.concat(seen).toString('latin1')).not.toContain('canary')
    for (const client of relay.clients) client.terminate()
    relay.close()
  },
)

test('[T50] two pages, a frame and a worker exchange events on one broadcast channel', async () => {
  const [alice, bob] = await meet()
  await call(alice, 'joinBroadcast', 'alice')
  await call(bob, 'joinBroadcast', 'bob')
  await call(alice, 'addWorkerAndFrame')
  await call(bob, 'send', 1)
  const texts = async (page: Page): Promise<Set<string>> =>
    new Set((await heard(page)).values.map((value) => JSON.stringify(value)))
  const answers = ['{"frame":1}', '{"worker":1}']
  await expect.poll(() => texts(alice)).toEqual(new Set(['1', ...answers]))
  await expect.poll(() => texts(bob)).toEqual(new Set(answers))
  expect(await heard(alice)).toMatchObject({ dropped: {} })
})

type Functions = typeof pageFunctions

function call<N extends keyof Functions>(
  page: Page,
  name: N,
  ...given: Parameters<Functions[N]>
): Promise<Awaited<ReturnType<Functions[N]>>> {
  return page.evaluate(
    ([wanted, values]) => {
      const { pageFunctions: functions } = globalThis as unknown as {
        readonly pageFunctions: Readonly<Record<string, (...given: readonly unknown[]) => unknown>>
      }
      return functions[wanted as string]?.(...(values as readonly unknown[]))
    },
    [name, given] as const,
  ) as Promise<Awaited<ReturnType<Functions[N]>>>
}

const heard = (page: Page): Promise<Heard> => call(page, 'heard')

function meetingOf(sender: string): Meeting {
  const { key, host, port } = server
  return { sender, key, host, port }
}

async function meet(): Promise<[Page, Page]> {
  const [alice, bob] = pages
  if (alice === undefined || bob === undefined) throw new Error('two pages are open')
  return [alice, bob]
}

/** One script of all that an entry imports, for browsers. */
async function bundle(name: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    build: {
      write: false,
      minify: false,
      // What comes with it needs a document, which workers lack.
      modulePreload: false,
      rollupOptions: { input: fileURLToPath(new URL(`page/${name}.ts`, import.meta.url)) },
    },
  })
  const output = Array.isArray(result) ? result[0] : result
  if (output === undefined || !('output' in output)) throw new Error('the bundler wrote nothing')
  return output.output[0].code
}
