/** The samples of examples/03-seeds, each in two real browsers, bundled as an application would. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, preview } from 'vite'
import { root } from '../../../tools/prepare.mjs'
import type { Page } from './browsers/page.ts'
import { expect, test as base } from './fixtures.ts'
import { findFreePort, Hub } from './hub.ts'

const samples = join(root, 'examples/03-seeds')

const test = base.extend<{ serve: (sample: string) => Promise<string> }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of what is needed from it
  serve: async ({}, use) => {
    // Inside the repository, so that the bundler finds the packages by name.
    mkdirSync(join(root, '.cache'), { recursive: true })
    const folder = mkdtempSync(join(root, '.cache/sample-'))
    const ends: (() => Promise<void>)[] = []
    await use(async (sample) => {
      await bundle(folder, sample)
      // The hub's own policy for pages permits no WebAssembly, by which the samples' passphrases are stretched.
      const port = await findFreePort()
      const hub = await Hub.start({ origin: `http://localhost:${port}` })
      const target = `http://localhost:${hub.port}`
      const server = await preview({
        ...{ configFile: false, root: folder, logLevel: 'silent' },
        preview: {
          port,
          strictPort: true,
          host: 'localhost',
          proxy: { '/hub': { target, ws: true } },
        },
      })
      ends.push(
        () => server.close(),
        () => hub.stop(),
      )
      return `${hub.origin}/`
    })
    for (const end of ends) await end()
    rmSync(folder, { recursive: true, force: true })
  },
})

for (const [sample, browser] of [
  ['external-key-provider.mjs', 'chromium'],
  ['external-key-provider.mjs', 'firefox'],
  ['e2ee-manager.mjs', 'chromium'],
] as const) {
  test(`${sample}: a page in Chromium and one in ${browser} see and hear each other`, async ({
    serve,
    meet,
  }) => {
    const address = await serve(sample)
    const first = await meet('Reader-One')
    await first.page.goto(address)
    await ended(first.page)
    const fragment = await first.page.evaluate(() => location.hash, null)
    if (fragment !== '') first.secrets.add(fragment.slice(1))
    const second = await meet('Reader-Two', { browser })
    await second.page.goto(`${address}${fragment}`)
    await ended(second.page)
    for (const { page } of [first, second]) {
      await page.waitFor(playsBoth, null, {
        what: 'pictures and sound of the other',
        timeoutMs: 30_000,
      })
    }
    const { console: lines } = first.page
    if (sample === 'external-key-provider.mjs') {
      expect(lines).toContain('log: isE2EEEnabled  true')
      expect(lines).toContain('log: Media Kind  video')
      expect(lines).toContain('log: State changed to  DecryptionSuccess')
    }
    expect(lines.filter((line) => /^(?:error|uncaught)/.test(line))).toEqual([])
  })
}

const ended = async (page: Page): Promise<void> => {
  const end = await page.waitFor(() => document.documentElement.dataset['sample'], null, {
    what: 'the end of the sample',
    timeoutMs: 30_000,
  })
  expect(end).toBe('ended')
}

const bundle = async (folder: string, sample: string): Promise<void> => {
  for (const file of readdirSync(samples)) {
    if (file.endsWith('.mjs')) copyFileSync(join(samples, file), join(folder, file))
  }
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><title>Sample</title><link rel="icon" href="/icon.svg"><script type="module" src="./main.js"></script>',
  )
  mkdirSync(join(folder, 'public'))
  writeFileSync(join(folder, 'public/icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg" />')
  writeFileSync(
    join(folder, 'main.js'),
    `import('./${sample}').then(
      () => (document.documentElement.dataset.sample = 'ended'),
      (error) => (document.documentElement.dataset.sample = String(error)),
    )`,
  )
  await build({ configFile: false, root: folder, logLevel: 'error', worker: { format: 'es' } })
}

// Runs in the page and must not refer to anything outside of itself.
function playsBoth(): boolean {
  const video = document.querySelector('video')
  const audio = document.querySelector('audio')
  return video !== null && audio !== null && video.videoWidth > 0 && audio.currentTime > 0
}
