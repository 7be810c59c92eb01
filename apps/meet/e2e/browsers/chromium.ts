/**
 * Chromium, the one of the system, driven by Playwright.
 *
 * @module
 */
import { chromium, type Page as PlaywrightPage } from '@playwright/test'
import { chromiumTestArgs, FAKE_CAMERA, findChromium } from '../../../../tools/browsers.ts'
import { poll, type Page, type PageOptions, type TestBrowser } from './page.ts'

/** The devices that a browser has: fake ones of both kinds, no camera, none at all, or none that it may use. */
export type Devices = 'all' | 'microphone' | 'none' | 'denied'

/** Starts a headless Chromium with fake devices. */
export async function openChromium({
  devices = 'all',
}: { devices?: Devices } = {}): Promise<TestBrowser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('Chromium is not installed')
  const browser = await chromium.launch({ executablePath, args: argsFor(devices) })
  return {
    name: 'chromium',
    version: browser.version(),
    async newPage({ before = [] }: PageOptions = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
      for (const script of before) await context.addInitScript(script)
      const page = await context.newPage()
      return wrap(page)
    },
    close: () => browser.close(),
  }
}

const argsFor = (devices: Devices): string[] => {
  switch (devices) {
    case 'all':
      return [...chromiumTestArgs]
    case 'microphone':
      return chromiumTestArgs.map((arg) => (isCamera(arg) ? `${FAKE_CAMERA}=device-count=0` : arg))
    case 'none':
      return chromiumTestArgs.filter((arg) => !isCamera(arg))
    case 'denied':
      return chromiumTestArgs.map((arg) =>
        arg === '--use-fake-ui-for-media-stream' ? '--deny-permission-prompts' : arg,
      )
  }
}

const isCamera = (arg: string): boolean => arg.startsWith(FAKE_CAMERA)

const wrap = (page: PlaywrightPage): Page => {
  const console: string[] = []
  const requests: string[] = []
  page.on('console', (message) => console.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => console.push(`uncaught: ${error.message}`))
  page.on('request', (request) => requests.push(request.url()))
  page.on('websocket', (socket) => requests.push(socket.url()))
  const evaluate: Page['evaluate'] = (run, argument) =>
    page.evaluate(run as (argument: unknown) => never, argument)
  return {
    browser: 'chromium',
    console,
    requests,
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    url: () => page.url(),
    evaluate,
    addScript: async (source) => void (await page.evaluate(`${source};undefined`)),
    click: (role, name) => page.getByRole(role, { name, exact: true }).click(),
    fill: (label, text) => page.getByRole('textbox', { name: label, exact: true }).fill(text),
    press: (key) => page.keyboard.press(key),
    type: (text) => page.keyboard.type(text),
    see: (role, name, { timeoutMs = 20_000 } = {}) =>
      page
        .getByRole(role, { name, exact: true })
        .first()
        .waitFor({ state: 'visible', timeout: timeoutMs }),
    waitFor: (run, argument, options) => poll(() => evaluate(run, argument), options),
    setViewport: (width, height) => page.setViewportSize({ width, height }),
    setColorScheme: (colorScheme) => page.emulateMedia({ colorScheme }),
    screenshot: async (file) => void (await page.screenshot({ path: file })),
    openTab: async () => wrap(await page.context().newPage()),
    close: () => page.context().close(),
  }
}
