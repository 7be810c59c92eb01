/**
 * The fixtures of every end-to-end test: its own hub, and people with browsers. After each test they search everything
 * that the hub received and logged for the secrets of these people.
 *
 * @module
 */
import { test as base, expect } from '@playwright/test'
import { openChromium, type Devices } from './browsers/chromium.ts'
import { openFirefox } from './browsers/firefox.ts'
import type { Page, PageOptions, TestBrowser } from './browsers/page.ts'
import { DEVICE_MARKERS, findMarkers, SIGNALLING_MARKERS } from './canary.ts'
import { Hub } from './hub.ts'
import { Person } from './person.ts'

/** How a person is equipped; a current Chromium with camera and microphone unless said otherwise. */
export interface PersonOptions extends PageOptions {
  readonly browser?: 'chromium' | 'firefox'
  readonly devices?: Devices
}

interface TestFixtures {
  hub: Hub
  /** Gives a person a page in a browser. Names are markers: make them unmistakable. */
  meet: (name: string, options?: PersonOptions) => Promise<Person>
}

interface WorkerFixtures {
  browsers: (name: 'chromium' | 'firefox', devices: Devices) => Promise<TestBrowser>
}

/** The test function of all end-to-end tests. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  browsers: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of what is needed from it
    async ({}, use) => {
      const running = new Map<string, Promise<TestBrowser>>()
      await use((name, devices) => {
        const key = `${name} ${devices}`
        const browser =
          running.get(key) ?? (name === 'firefox' ? openFirefox() : openChromium({ devices }))
        running.set(key, browser)
        return browser
      })
      for (const browser of running.values()) await (await browser).close()
    },
    { scope: 'worker' },
  ],

  // oxlint-disable-next-line no-empty-pattern -- as above
  hub: async ({}, use) => {
    const hub = await Hub.start()
    await use(hub)
    await hub.stop()
  },

  meet: async ({ hub, browsers }, use, info) => {
    const people: Person[] = []
    await use(async (name, { browser = 'chromium', devices = 'all', ...options } = {}) => {
      const page = await (await browsers(browser, devices)).newPage(options)
      const person = new Person(name, page)
      people.push(person)
      return person
    })
    const failed = info.status !== info.expectedStatus
    if (failed) {
      for (const [index, { name, page }] of people.entries()) {
        await describePage(`${index}-${name}`, page, info)
      }
      await info.attach('hub.log', { body: hub.logged() })
    }
    for (const { page } of people) await page.close()
    for (const { name, page } of people) {
      expect(findForeignRequests(page), `requests of ${name} to other origins`).toEqual([])
      const uncaught = page.console.filter((line) => line.startsWith('uncaught:'))
      expect(uncaught, `what ${name}'s page threw`).toEqual([])
    }
    expect(findLeaks(hub, people), 'what the hub must not have seen').toEqual([])
  },
})

export { expect }

/** The secrets of people that the hub received or logged. */
export function findLeaks(hub: Hub, people: readonly Person[]): unknown[] {
  const secrets = people.flatMap(({ page, secrets }) => [...secrets, ...secretsOf(page.url())])
  const markers = new Set([...SIGNALLING_MARKERS, ...DEVICE_MARKERS, ...secrets])
  return [
    ...findMarkers(hub.received(), markers).map((finding) => ({ in: 'received', ...finding })),
    ...findMarkers(hub.logged(), markers).map((finding) => ({ in: 'logged', ...finding })),
  ]
}

const findForeignRequests = (page: Page): string[] => {
  const { host } = new URL(page.url())
  return page.requests.filter((url) => /^(?:http|ws)s?:/.test(url) && new URL(url).host !== host)
}

const secretsOf = (url: string): string[] => {
  const secret = URL.canParse(url) ? new URL(url).hash.slice(1) : ''
  // Damaged ones may be so short that they occur by chance.
  return secret.length >= 16 ? [secret] : []
}

const describePage = async (
  name: string,
  page: Page,
  info: {
    outputPath(file: string): string
    attach(name: string, options: { body: string }): Promise<void>
  },
): Promise<void> => {
  try {
    await page.screenshot(info.outputPath(`${name}.png`) as `${string}.png`)
    const text = await page.evaluate(() => document.body.innerText, null)
    await info.attach(name, { body: [page.url(), ...page.console, text].join('\n') })
  } catch {
    // The page is gone: the test's own error says more.
  }
}
