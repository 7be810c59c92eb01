/**
 * Facts about a page of the app that several tests wait for.
 *
 * @module
 */
import type { Page } from './browsers/page.ts'

/** Waits until the page shows these words. */
export async function says(page: Page, words: string): Promise<void> {
  await page.waitFor((text) => document.body.innerText.includes(text), words, {
    what: `"${words}"`,
    timeoutMs: 30_000,
  })
}

/** Waits until the service worker has kept the build and rules the page: a reload needs no server from now on. */
export async function keepsBuild(page: Page): Promise<void> {
  await page.waitFor(hasWorker, null, { what: 'a kept build', timeoutMs: 30_000 })
}

// The function below runs in the page and must not refer to anything outside of itself.

async function hasWorker(): Promise<boolean> {
  const registration = await navigator.serviceWorker.getRegistration()
  return registration?.active?.state === 'activated' && navigator.serviceWorker.controller !== null
}
