/** Frame encryption under the policies that pages have: it works, or says why not and what to do. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'
import type { Browser } from 'puppeteer-core'
import { build, defaultClientConditions } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { PolicyPage } from './pages/policies.ts'
import { chromiumArgs, findChromium, findFirefox, firefoxPrefs } from '../../../tools/browsers.ts'

const strict = "default-src 'none'; script-src 'self'; worker-src 'self'"
const trusted = `${strict}; require-trusted-types-for 'script'`
const csp = (policy: string): Record<string, string> => ({ 'content-security-policy': policy })
const isolated = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}
const needsHelp = /^ERR_MEDIA_WORKER_START: .*worker-src 'self'.*createWorker/

const cleanups: (() => Promise<unknown>)[] = []
const browserByName = new Map<string, Browser>()
let port = 0
let headers: Record<string, string> = {}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-policies-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const root = fileURLToPath(new URL('./pages', import.meta.url))
  await build({
    ...{ configFile: false, logLevel: 'warn', root },
    worker: { format: 'es' },
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    build: {
      ...{ outDir: folder, emptyOutDir: true, target: 'es2022' },
      rolldownOptions: {
        input: [join(root, 'policies.html'), join(root, 'own-worker.ts')],
        output: { entryFileNames: '[name].js' },
      },
    },
  })
  port = await serve(folder)
  browserByName.set(
    'Chromium',
    await launch({ executablePath: findChromium() ?? 'chromium', args: [...chromiumArgs] }),
  )
  const firefox = { browser: 'firefox', extraPrefsFirefox: { ...firefoxPrefs } } as const
  browserByName.set(
    'Firefox',
    await launch({ ...firefox, executablePath: findFirefox() ?? 'firefox-esr' }),
  )
}, 60_000)

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

for (const name of ['Chromium', 'Firefox']) {
  test.each([
    ['a strict policy', csp(strict), '', /^ready$/],
    ['isolation from other origins', isolated, '', /^ready$/],
    ['Trusted Types', csp(trusted), '', needsHelp],
    [
      'Trusted Types and createWorker',
      csp(`${trusted}; trusted-types app`),
      '#own-worker',
      /^ready$/,
    ],
    [
      'a policy without workers',
      csp("default-src 'none'; script-src 'self'; worker-src 'none'"),
      '',
      needsHelp,
    ],
    ['a sandbox', csp('sandbox allow-scripts'), '', /^ERR_MEDIA_WORKER_START: /],
  ])(`[M20] ${name}, %s`, async (_, given, fragment, expected) => {
    expect(
      await outcomeOf(name, {
        given,
        address: `http://127.0.0.1:${port}/policies.html${fragment}`,
      }),
    ).toMatch(expected)
  })
}

async function outcomeOf(
  name: string,
  { given, address }: { readonly given: Record<string, string>; readonly address: string },
): Promise<string | undefined> {
  headers = { ...given, 'access-control-allow-origin': '*' }
  const page = await browserByName.get(name)?.newPage()
  if (page === undefined) throw new Error('unreachable: the browser was started')
  onTestFinished(() => page.close())
  await page.goto(address)
  const outcome = (): Promise<string | undefined> =>
    page.evaluate(() => (globalThis as PolicyPage).outcome)
  await expect.poll(outcome, { timeout: 20_000, interval: 100 }).toBeDefined()
  return outcome()
}

async function launch(options: Parameters<typeof puppeteer.launch>[0]): Promise<Browser> {
  const browser = await puppeteer.launch({ headless: true, ...options })
  cleanups.push(() => browser.close())
  return browser
}

/** Serves the built page with the headers of the test that runs. */
async function serve(folder: string): Promise<number> {
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    readFile(join(folder, path)).then(
      (body) =>
        response
          .writeHead(200, { 'content-type': types[extname(path)] ?? '', ...headers })
          .end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}
