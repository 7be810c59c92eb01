/**
 * The end-to-end tests: real browsers, a real hub, the built app. They bring their own browsers
 * (`e2e/browsers`), because half of them is Firefox as Debian ships it.
 *
 * @module
 */
import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e',
  outputDir: '.cache/e2e',
  // Much of the time is waiting. More calls at once than two would slow each other down.
  workers: 2,
  fullyParallel: false,
  // A test that passes only when tried again has failed.
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  globalTimeout: 25 * 60_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  // `npm run screenshots` makes those for the documents, and pictures of every screen in every window.
  ...(process.env['SCREENSHOTS'] === undefined
    ? { grepInvert: /@screenshots/ }
    : { grep: /@screenshots|@pictures/ }),
})
