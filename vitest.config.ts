import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { chromiumTestArgs, findChromium } from './tools/browsers.ts'
import { systemFirefox } from './tools/vitest-firefox.ts'

const source = '@conclave/source'

/**
 * Chance is seeded. Tests wait for events, never for time to pass; only a machine under heavy load comes near to
 * these times.
 */
const determined = {
  setupFiles: [fileURLToPath(new URL('tools/seed-properties.ts', import.meta.url))],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 30_000, interval: 20 } },
}

/** Packages that no page ever loads. */
const neverInPages = ['packages/server/**', '**/node_modules/**']

/** How sources and dependencies become modules of a page. */
const inPages = {
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } } as const,
  resolve: { conditions: [source, ...defaultClientConditions] },
  // Found only while tests run, a dependency would reload the page under them.
  optimizeDeps: {
    include: [
      '@hpke/core',
      '@scure/bip39/wordlists/english.js',
      'fast-check',
      'hash-wasm',
      'laravel-echo',
      'mediabunny',
      'preact',
      'preact/hooks',
      'preact/jsx-runtime',
      '@preact/signals',
      'pusher-js',
      'react',
      'react-dom/client',
    ],
  },
}

/**
 * Unit tests run twice, in Node and in a real Chromium; a suffix keeps a file to one of them. Vectors, workers of
 * passphrases, and attackers of media run in Firefox too.
 */
export default defineConfig({
  test: {
    projects: [
      {
        resolve: { conditions: [source, 'node'] },
        ssr: { resolve: { conditions: [source, 'node'], externalConditions: [source, 'node'] } },
        test: {
          name: 'node',
          ...determined,
          environment: 'node',
          include: [
            'packages/*/test/**/*.test.ts',
            'apps/*/test/**/*.test.ts',
            'tools/test/**/*.test.ts',
          ],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
        },
      },
      {
        ...inPages,
        test: {
          name: 'chromium',
          ...determined,
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.browser.test.ts'],
          exclude: ['**/*.node.test.ts', ...neverInPages],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath: findChromium() ?? 'chromium',
                args: [...chromiumTestArgs],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        ...inPages,
        test: {
          name: 'firefox',
          ...determined,
          include: [
            'packages/*/test/**/*.{forms,vectors}.test.ts',
            'packages/*/test/**/passphrase-worker.browser.test.ts',
            'packages/client/test/{attacks,call,data,files}/*.browser.test.ts',
            'packages/p2p/test/{data/*,plain/channels}.browser.test.ts',
            'packages/{recording,testing}/test/**/*.browser.test.ts',
            'packages/media/test/page/{manager/*,signed-media,attach-cycles}.browser.test.ts',
          ],
          exclude: neverInPages,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: systemFirefox(),
            instances: [{ browser: 'firefox' }],
          },
        },
      },
    ],
  },
})
