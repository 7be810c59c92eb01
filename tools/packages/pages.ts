/**
 * Runs bundles in pages of Chromium, the entries that bundlers find most difficult: a bundle that needs Node's modules, or
 * loses the code or WebAssembly that it loads later, fails only there.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright'
import { chromiumArgs, findChromium } from '../browsers.ts'
import { BUNDLERS } from './bundles.ts'

const ORIGIN = 'http://localhost'

/** Lists the bundlers whose bundles fail in a page, with the reasons. The bundles are in `bundles` of the application. */
export async function findPageFaults(folder: string): Promise<string[]> {
  const executablePath = findChromium()
  if (executablePath === undefined) return ['there is no Chromium']
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
  try {
    const faults: string[] = []
    for (const bundler of BUNDLERS) {
      const found = await runInPage(browser, { bundler, files: join(folder, 'bundles', bundler) })
      faults.push(...found.map((fault) => `${bundler}: ${fault}`))
    }
    return faults
  } finally {
    await browser.close()
  }
}

/** The page has the files of the folder and no network. */
async function runInPage(
  browser: Browser,
  { bundler, files }: { readonly bundler: (typeof BUNDLERS)[number]; readonly files: string },
): Promise<string[]> {
  const page = await (await browser.newContext()).newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`the page throws: ${error.message}`))
  await page.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url())
    if (pathname === '/')
      return route.fulfill({
        contentType: 'text/html',
        body: '<!doctype html><title>Bundles</title>',
      })
    const path = join(files, pathname)
    // A file that cannot be read would reject here, where nobody catches it.
    return existsSync(path)
      ? route.fulfill({ path, contentType: 'text/javascript' })
      : route.fulfill({ status: 404 })
  })
  try {
    await page.goto(`${ORIGIN}/`)
    await page.evaluate(`(async () => {\n${WORKERS[bundler]}${PROGRAM}})()`)
  } catch (error) {
    faults.push(String(error))
  }
  await page.context().close()
  return faults
}

/** Two bundlers emit the worker that stretches passphrases; with the others an application starts its own bundle of it. */
const EMITTED = 'const worker = {}'
const OWN = `const worker = { createWorker: () => new Worker('/e2ee-passphrase-worker.mjs', { type: 'module' }) }`
const WORKERS = { vite: EMITTED, webpack: EMITTED, esbuild: OWN, rollup: OWN } as const

/** WebAssembly is there: a passphrase must be stretched by Argon2id, in a worker. */
const PROGRAM = `
const expect = (is, text) => { if (!is) throw new Error('expected ' + text) }
const key = new Uint8Array(32).fill(3)
const passphrase = 'umbrella-kestrel-nine-orbit-fudge-lace'

const { generateExchangeKeys, openKey, sealKey, SeenKeys } = await import('/e2ee-exchange.mjs')
const [alice, bob] = [await generateExchangeKeys(), await generateExchangeKeys()]
const now = Date.now()
const sealed = await sealKey(key, { from: alice, to: bob.identity, room: 'r', purpose: 'p', expiresAt: now + 60_000, keyId: 'r', epoch: 1 })
const opened = await openKey(sealed, { to: bob, from: alice.identity, room: 'r', purpose: 'p', now, seen: new SeenKeys({ storage: 'none' }) })
expect(String(opened.key) === String(key), 'the exchanged key')

const { ARGON2ID, choosePassphraseKdf, createPassphraseKeySource } = await import('/e2ee-passphrase.mjs')
expect(choosePassphraseKdf() === ARGON2ID, 'Argon2id')
const source = await createPassphraseKeySource(passphrase, { room: 'r', ...worker })
expect((await source.export('page', new Uint8Array(), 32)).length === 32, 'a key of the passphrase')

const { createIndexedDbStorage, createVault, generateRecoveryKey, openVault } = await import('/vault.mjs')
const storage = createIndexedDbStorage()
const vault = await createVault({ storage, recovery: generateRecoveryKey() })
await vault.addSlot({ type: 'passphrase', passphrase, label: 'page', ...worker }, { use: true })
await vault.set('a', key)
const again = await openVault({ storage, with: { type: 'passphrase', passphrase, ...worker } })
expect(String(again.get('a')) === String(key), 'the entry of the vault')
`
