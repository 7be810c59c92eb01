/** The documents' examples that need a page: bundled as an application would, under the hub's strict policy. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { findExamples } from '../../../tools/doctest.ts'
import { root } from '../../../tools/prepare.mjs'
import type { Page } from './browsers/page.ts'
import { expect, findLeaks, test as base } from './fixtures.ts'
import { Hub } from './hub.ts'

const examples = findExamples().filter(({ runs }) => runs === 'browser')

const test = base.extend<{ serve: (code: string) => Promise<Hub> }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of what is needed from it
  serve: async ({}, use) => {
    // Inside the repository, so that the bundler finds the packages by name.
    mkdirSync(join(root, '.cache'), { recursive: true })
    const folder = mkdtempSync(join(root, '.cache/example-'))
    const hubs: Hub[] = []
    await use(async (code) => {
      await bundle(folder, code)
      const hub = await Hub.start({ app: join(folder, 'dist') })
      hubs.push(hub)
      return hub
    })
    for (const hub of hubs) await hub.stop()
    rmSync(folder, { recursive: true, force: true })
  },
})

for (const { path, line, code } of examples) {
  test(`${path}, line ${line}`, async ({ serve, meet }) => {
    const hub = await serve(code)
    const { page } = await meet('Reader')
    await page.goto(`${hub.origin}/`)
    await ended(page)
    expect(page.console.filter((text) => /^(?:error|uncaught)/.test(text))).toEqual([])
  })
}

test('the ten lines of the README make a call', async ({ serve, meet }) => {
  const example = examples.find(({ path }) => path === 'README.md')
  const make = 'await createRoomLink(location.origin)'
  expect(example?.code).toContain(make)
  // The second page is given the link, as a person would be.
  const code = example?.code.replace(make, `globalThis.givenLink ?? (${make})`) ?? ''
  const hub = await serve(`${code}\nglobalThis.link = link\n`)
  const first = await meet('Reader-One')
  await first.page.goto(`${hub.origin}/`)
  await ended(first.page)
  const link = await first.page.evaluate(() => String(Reflect.get(globalThis, 'link')), null)
  first.secrets.add(link.replace(/.*#/, ''))

  const second = await meet('Reader-Two')
  await second.page.goto(`${hub.origin}/icon.svg`)
  await second.page.evaluate((given) => sessionStorage.setItem('link', given), link)
  await second.page.goto(`${hub.origin}/`)
  await ended(second.page)
  for (const { page } of [first, second]) {
    await page.waitFor(playsBoth, null, {
      what: 'pictures and sound of the other',
      timeoutMs: 30_000,
    })
  }
  expect(first.page.console).toContain('log: Alice Hello')
  expect(findLeaks(hub, [first, second])).toEqual([])
})

const ended = async (page: Page): Promise<void> => {
  const end = await page.waitFor(() => document.documentElement.dataset['example'], null, {
    what: 'the end of the example',
    timeoutMs: 30_000,
  })
  expect(end).toBe('ended')
}

const bundle = async (folder: string, code: string): Promise<void> => {
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><title>Example</title><link rel="icon" href="/icon.svg"><script type="module" src="./main.js"></script>',
  )
  mkdirSync(join(folder, 'public'))
  writeFileSync(join(folder, 'public/icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg" />')
  writeFileSync(join(folder, 'example.ts'), code)
  writeFileSync(
    join(folder, 'main.js'),
    `globalThis.givenLink = sessionStorage.getItem('link') ?? undefined
    import('./example.ts').then(
      () => (document.documentElement.dataset.example = 'ended'),
      (error) => (document.documentElement.dataset.example = String(error)),
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
