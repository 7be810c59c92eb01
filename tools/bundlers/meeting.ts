/**
 * A call between Chromium and Firefox in one app, each in its own page: they must see each other's picture.
 *
 * @module
 */
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { chromiumArgs, findChromium, findFirefox, firefoxPrefs } from '../browsers.ts'

/** How a call went: `yes`, or what is wrong. */
export interface Outcome {
  readonly chromiumSees: string
  readonly firefoxSees: string
}

/** Both browsers. */
export interface Browsers {
  readonly chromium: Browser
  readonly firefox: Browser
  close(): Promise<void>
}

/** The state of a page, as `meeting.js` of the app shows it. */
interface Meeting {
  readonly problems: readonly string[]
  readonly sees: boolean
}

/** How long the two may take, with a development server that compiles what they ask for. */
const CALL_TIMEOUT_MS = 60_000
const POLL_MS = 250

export async function openBrowsers(): Promise<Browsers> {
  const chromium = await puppeteer.launch({
    ...{ headless: true, executablePath: findChromium() ?? 'chromium', args: [...chromiumArgs] },
  })
  const firefox = await puppeteer.launch({
    ...{ browser: 'firefox', headless: true, executablePath: findFirefox() ?? 'firefox-esr' },
    extraPrefsFirefox: firefoxPrefs,
  })
  const close = async (): Promise<void> => {
    await chromium.close()
    await firefox.close()
  }
  return { chromium, firefox, close }
}

/** Opens an app in both browsers with the same link, and waits until each shows the other's picture. */
export async function meet(
  { chromium, firefox }: Browsers,
  { address, link, hub }: { readonly address: string; readonly link: string; readonly hub: string },
): Promise<Outcome> {
  const complaints = new Map<Page, string[]>()
  const open = async (browser: Browser, name: string): Promise<Page> => {
    const page = await browser.newPage()
    const heard: string[] = []
    complaints.set(page, heard)
    page.on('pageerror', (error) => heard.push(String(error)))
    const asked = encodeURIComponent(JSON.stringify({ link, hub, name }))
    await page.goto(`${address}#${asked}`, { waitUntil: 'domcontentloaded' })
    return page
  }
  const pages = [await open(chromium, 'alice'), await open(firefox, 'bob')] as const
  try {
    const end = Date.now() + CALL_TIMEOUT_MS
    let states = await Promise.all(pages.map(readMeeting))
    while (Date.now() < end && !states.every(isDone)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      states = await Promise.all(pages.map(readMeeting))
    }
    const said = (index: 0 | 1): string => {
      const { sees, problems = [] } = states[index] ?? {}
      if (sees) return 'yes'
      const all = [...problems, ...(complaints.get(pages[index]) ?? [])]
      return all.join('; ') || 'sees nothing'
    }
    return { chromiumSees: said(0), firefoxSees: said(1) }
  } finally {
    for (const page of pages) await page.close()
  }
}

const isDone = (meeting: Meeting | undefined): boolean =>
  meeting !== undefined && (meeting.sees || meeting.problems.length > 0)

/** A page that is loaded again has no state for a moment. */
const readMeeting = (page: Page): Promise<Meeting | undefined> =>
  page
    .evaluate(() => (globalThis as { readonly meeting?: { read(): Meeting } }).meeting?.read())
    .catch(() => undefined)
