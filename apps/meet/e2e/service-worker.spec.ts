/** The app while its server is away, and when the server has another build of it. */
import { rmSync } from 'node:fs'
import { expect, test } from './fixtures.ts'
import { buildNext, copyWithoutServiceWorker, NEXT_TITLE } from './other-builds.ts'
import { keepsBuild, says } from './page-facts.ts'
import { strings } from '../src/ui/strings.ts'

const browsers = ['chromium', 'firefox'] as const

for (const browser of browsers) {
  test(`${browser}: with the server away, a reload and an opened link show the app`, async ({
    hub,
    meet,
  }) => {
    const alice = await meet('Alice-Kingfisher', { browser })
    const { page } = alice
    const link = await alice.makeRoom(hub.origin)
    await keepsBuild(page)
    await alice.join(link)
    await hub.kill()
    // In the call, a reload comes back to it as soon as the server does.
    await page.reload()
    await says(page, strings.lobby.waiting)
    await page.click('button', 'Cancel')
    await says(page, strings.serverWasAway)
    expect(page.url()).toBe(link)

    await page.goto(`${hub.origin}/`)
    await says(page, strings.serverWasAway)
    await page.click('button', 'New room')
    await page.see('textbox', 'Your name')
    await page.goto(link)
    await says(page, strings.serverWasAway)
    await page.click('button', 'Join')
    await says(page, strings.lobby.waiting)
    await hub.restart()
    await alice.inCall(30_000)

    // Nothing but the build is kept: no room, and no secret.
    const kept = await page.evaluate(readKept, null)
    expect(kept).toContain(`${hub.origin}/`)
    expect(kept.filter((url) => /#|\?|\/r\/|\/hub/.test(url))).toEqual([])
    expect(page.console.filter((line) => line.includes('Content-Security-Policy'))).toEqual([])

    hub.freeze()
    await page.reload()
    await says(page, strings.lobby.waiting)
    hub.thaw()
    await alice.inCall(30_000)
  })

  test(`${browser}: a new build leaves calls and open pages as they are, and comes with the next visit`, async ({
    hub,
    meet,
  }) => {
    test.setTimeout(180_000)
    const next = await buildNext()
    try {
      const alice = await meet('Alice-Kingfisher', { browser })
      const bob = await meet('Bob-Nuthatch', { browser })
      const link = await alice.makeRoom(hub.origin)
      await keepsBuild(alice.page)
      await alice.join(link)
      await bob.page.goto(link)
      await keepsBuild(bob.page)
      const loadedAt = await alice.page.evaluate(() => performance.timeOrigin, null)

      await hub.kill()
      await hub.restart(next)
      // Finds the new build's worker, which waits: a page of the old build is open.
      await alice.page.evaluate(update, null)
      await alice.page.waitFor(hasWaiting, null)
      // The worker for media is fetched only now, and the server has it no longer.
      await bob.join(link)
      await Promise.all([alice.sees(bob.name), bob.sees(alice.name), bob.hears(alice.name)])
      expect(await alice.page.evaluate(() => performance.timeOrigin, null)).toBe(loadedAt)
      expect(await alice.page.evaluate(hasWaiting, null)).toBe(true)

      // The next visit has the new build, and with the server away it has one that is whole.
      await alice.leave()
      await alice.page.goto(`${hub.origin}/`)
      await alice.page.goto(link)
      await alice.page.see('heading', NEXT_TITLE)
      await alice.join(link)
      await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
      await alice.leave()
      await hub.kill()
      await alice.page.reload()
      await says(alice.page, strings.serverWasAway)
      await hub.restart()
    } finally {
      rmSync(next, { recursive: true })
    }
  })

  test(`${browser}: a build without a service worker takes the old one away`, async ({
    hub,
    meet,
  }) => {
    const without = copyWithoutServiceWorker()
    try {
      const alice = await meet('Alice-Kingfisher', { browser })
      await alice.page.goto(`${hub.origin}/`)
      await keepsBuild(alice.page)
      await hub.kill()
      await hub.restart(without)
      await alice.page.goto(`${hub.origin}/`)
      await alice.page.waitFor(hasNone, null)
      await alice.join(await alice.makeRoom(hub.origin))
    } finally {
      rmSync(without, { recursive: true })
    }
  })
}

// The functions below run in the page and must not refer to anything outside of themselves.

async function update(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration()
  await registration?.update()
}

async function hasWaiting(): Promise<boolean> {
  const registration = await navigator.serviceWorker.getRegistration()
  return registration?.waiting?.state === 'installed'
}

async function hasNone(): Promise<boolean> {
  const registrations = await navigator.serviceWorker.getRegistrations()
  return registrations.length === 0 && (await caches.keys()).length === 0
}

async function readKept(): Promise<string[]> {
  const kept: string[] = []
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) kept.push(url)
  }
  return kept
}
