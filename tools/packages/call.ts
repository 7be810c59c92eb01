/**
 * A call between two pages as a stranger makes one: the app is the example of the client's README, the hub is started by
 * the commands of the server's README: with the app that Vite built, behind Vite's development server, and with the app
 * and the worker that esbuild bundled by the command of media's README.
 *
 * @module
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright'
import { chromiumArgs, findChromium } from '../browsers.ts'
import { runCommand, runPackage } from '../command.ts'
import { blocksIn, type Block } from '../doctest.ts'
import { root } from '../prepare.mjs'
import { findFreePort, startProgram, type Program } from './program.ts'
import { readReadme } from './readers.ts'

/** How long a page may wait for the other one. */
const CALL_TIMEOUT_MS = 30_000

const VITE = 'vite/bin/vite.js'

/** Lists what goes wrong when a reader of both READMEs builds the app, or develops it. */
export async function findCallFaults(folder: string): Promise<string[]> {
  const client = blocksIn(readReadme('packages/client/README.md'))
  const server = blocksIn(readReadme('packages/server/README.md'))
  writeFileSync(join(folder, 'index.html'), pageOf('app.ts'))
  writeFileSync(join(folder, 'app.ts'), pick(client, 'ts browser', 'createRoomLink').code)
  const executablePath = findChromium()
  if (executablePath === undefined) return ['there is no Chromium']
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
  try {
    return [
      ...(await findBuiltFaults({ folder, server, browser })).map((fault) => `built: ${fault}`),
      ...(await findDevFaults({ folder, server, browser })).map(
        (fault) => `in development: ${fault}`,
      ),
      ...(await findEsbuildFaults({ folder, server, browser })).map(
        (fault) => `bundled by esbuild: ${fault}`,
      ),
    ]
  } finally {
    await browser.close()
  }
}

interface Setup {
  readonly folder: string
  readonly server: readonly Block[]
  readonly browser: Browser
}

/** The hub serves the app that Vite built. */
async function findBuiltFaults({ folder, server, browser }: Setup): Promise<string[]> {
  const { code, output } = await runPackage(VITE, ['build'], { print: 'keep', cwd: folder })
  return code === 0 ? findServedFaults({ folder, server, browser }) : [output.trim()]
}

/** esbuild follows no worker: it is a second entry, and the app starts it. */
async function findEsbuildFaults({ folder, server, browser }: Setup): Promise<string[]> {
  const media = blocksIn(readReadme('packages/media/README.md'))
  const app = join(folder, 'app.ts')
  const code = readFileSync(app, 'utf8').replace(
    'Room.join(link, {',
    'Room.join(link, { createWorker,',
  )
  writeFileSync(app, `${pick(media, 'js', 'const createWorker').code}\n${code}`)
  rmSync(join(folder, 'dist'), { recursive: true })
  const [, ...args] = pick(media, 'sh', 'esbuild').code.split(' ')
  const esbuild = join(root, 'tools/consumers/node_modules/esbuild/bin/esbuild')
  const bundled = await runCommand(esbuild, args, { print: 'keep', cwd: folder })
  if (bundled.code !== 0) return [bundled.output.trim()]
  writeFileSync(join(folder, 'dist/index.html'), pageOf('app.js'))
  return findServedFaults({ folder, server, browser })
}

const pageOf = (script: string): string =>
  `<!doctype html><title>Call</title><link rel="icon" href="data:,"><script type="module" src="/${script}"></script>`

async function findServedFaults({ folder, server, browser }: Setup): Promise<string[]> {
  const port = await findFreePort()
  const hub = await startHub(pick(server, 'sh', /^CONCLAVE_APP=dist npx/).code, { folder, port })
  try {
    return await findMeetingFaults(browser, `http://localhost:${port}`)
  } finally {
    await hub.stop()
  }
}

/** The hub stands behind Vite's development server. The README's ports are exchanged for free ones. */
async function findDevFaults({ folder, server, browser }: Setup): Promise<string[]> {
  const [port, page] = [await findFreePort(), await findFreePort()]
  const config = pick(server, 'js', 'vite.config.js').code.replace('8080', String(port))
  writeFileSync(join(folder, 'vite.config.js'), config)
  const line = pick(server, 'sh', 'localhost:5173').code.replace('5173', String(page))
  const hub = await startHub(line, { folder, port })
  try {
    const vite = join(root, 'node_modules', VITE)
    const dev = await startProgram(`"${process.execPath}" "${vite}" --port ${page} --strictPort`, {
      ...{ ready: 'Local:', cwd: folder, env: { NO_COLOR: '1' } },
    })
    try {
      const faults = await findMeetingFaults(browser, `http://localhost:${page}`)
      return faults.length === 0 ? [] : [...faults, dev.output(), hub.output()]
    } finally {
      await dev.stop()
    }
  } finally {
    await hub.stop()
  }
}

const startHub = (
  line: string,
  { folder, port }: { readonly folder: string; readonly port: number },
): Promise<Program> =>
  startProgram(line, { ready: 'is ready', cwd: folder, env: { PORT: String(port) } })

/** The one block of a language that contains a text. */
function pick(blocks: readonly Block[], language: string, text: string | RegExp): Block {
  const found = blocks.filter(
    (block) => block.language === language && block.code.search(text) >= 0,
  )
  const [block] = found
  if (block === undefined || found.length > 1)
    throw new Error(`expected one block of ${language} with ${text}, found ${found.length}`)
  return block
}

/** Alice opens the app, Bob opens her link; each must see, hear and read the other. */
async function findMeetingFaults(browser: Browser, origin: string): Promise<string[]> {
  const faults: string[] = []
  const open = async (address: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(CALL_TIMEOUT_MS)
    page.on('pageerror', (error) => faults.push(`a page throws: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`a page complains: ${message.text()}`)
    })
    await page.goto(address)
    return page
  }
  const alice = await open(origin)
  await alice.waitForURL(/\/r\/.+#./)
  const bob = await open(alice.url())
  try {
    for (const page of [alice, bob]) await page.waitForFunction(playsBoth)
    await say(alice, 'hello Bob')
    await bob.getByText('Alice: hello Bob').waitFor()
    await say(bob, 'hello Alice')
    await alice.getByText('Bob: hello Alice').waitFor()
  } catch (error) {
    faults.push(String(error))
  }
  for (const page of [alice, bob]) await page.context().close()
  return faults
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('input').fill(text)
  await page.keyboard.press('Enter')
}

/** Runs in the page and refers to nothing outside of itself. */
function playsBoth(): boolean {
  const video = document.querySelector('video')
  const audio = document.querySelector('audio')
  return video !== null && audio !== null && video.videoWidth > 0 && audio.currentTime > 0
}
