/**
 * Firefox as the system ships it, driven by puppeteer over WebDriver BiDi.
 *
 * @module
 */
import puppeteer, { type BrowserContext, type Page as PuppeteerPage } from 'puppeteer-core'
import { findFirefox, firefoxTestPrefs } from '../../../../tools/browsers.ts'
import { poll, type Page, type PageOptions, type Role, type TestBrowser } from './page.ts'

/** Starts a headless Firefox with fake devices. */
export async function openFirefox(): Promise<TestBrowser> {
  const executablePath = findFirefox()
  if (executablePath === undefined) throw new Error('Firefox is not installed')
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: { ...firefoxTestPrefs },
  })
  return {
    name: 'firefox',
    version: await browser.version(),
    async newPage({ before = [] }: PageOptions = {}) {
      const context = await browser.createBrowserContext()
      // As another tab of one window it would hide the page before.
      const page = await context.newPage({ type: 'window' })
      await page.setViewport({ width: 1280, height: 800 })
      for (const script of [fakeScreen, ...before]) await page.evaluateOnNewDocument(script)
      return wrap(page, context)
    },
    close: () => browser.close(),
  }
}

/**
 * Chromium has a fake screen; Firefox without a display has none, and no setting for one. A canvas stands
 * in for what the system would give. Runs in the page and must not refer to anything outside of itself.
 */
function fakeScreen(): void {
  // A page without an origin has no devices at all.
  if (!('MediaDevices' in globalThis)) return
  MediaDevices.prototype.getDisplayMedia = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 })
    const context = canvas.getContext('2d')
    let frame = 0
    const draw = (): void => {
      frame += 1
      if (context === null) return
      context.fillStyle = `hsl(${frame % 360} 60% 50%)`
      context.fillRect(0, 0, canvas.width, canvas.height)
    }
    draw()
    const stream = canvas.captureStream(15)
    const timer = setInterval(() => {
      draw()
      if (stream.getTracks().every((track) => track.readyState === 'ended')) clearInterval(timer)
    }, 66)
    return Promise.resolve(stream)
  }
}

const wrap = (page: PuppeteerPage, context: BrowserContext): Page => {
  const console: string[] = []
  const requests: string[] = []
  page.on('console', (message) => console.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => {
    const text = String(error)
    // Firefox reports sockets and loads that fail in the same way as errors that nobody caught.
    const isNetwork = / wss?:\/\/|^Error: Failed to load /.test(text)
    console.push(`${isNetwork ? 'network' : 'uncaught'}: ${text}`)
  })
  page.on('request', (request) => requests.push(request.url()))
  const evaluate: Page['evaluate'] = (run, argument) =>
    page.evaluate(run as (argument: unknown) => never, argument)
  const find = async (role: Role, name: string, timeout = 20_000) => {
    const handle = await page.waitForSelector(`aria/${name}[role="${role}"]`, {
      visible: true,
      timeout,
    })
    if (handle === null) throw new Error(`no ${role} "${name}"`)
    return handle
  }
  return {
    browser: 'firefox',
    console,
    requests,
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    url: () => page.url(),
    evaluate,
    addScript: async (source) => void (await page.evaluate(`${source};undefined`)),
    async click(role, name) {
      const element = await find(role, name)
      await element.click()
    },
    async fill(label, text) {
      const element = await find('textbox', label)
      await element.click()
      await element.evaluate((field) => {
        if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)
          field.select()
      })
      await page.keyboard.press('Backspace')
      await element.type(text)
    },
    press: (key) => page.keyboard.press(key as 'Enter'),
    type: (text) => page.keyboard.type(text),
    see: async (role, name, { timeoutMs } = {}) => void (await find(role, name, timeoutMs)),
    waitFor: (run, argument, options) => poll(() => evaluate(run, argument), options),
    setViewport: (width, height) => page.setViewport({ width, height }),
    setColorScheme: () =>
      Promise.reject(new Error('Firefox cannot be told its colour scheme here')),
    screenshot: async (file: `${string}.png`) => void (await page.screenshot({ path: file })),
    openTab: async () => wrap(await context.newPage(), context),
    close: () => context.close(),
  }
}
