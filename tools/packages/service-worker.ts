/**
 * Runs the packages in a service worker of Chromium, as an application that opens push messages bundles one: it may not
 * load code later, so everything stands in one file.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { chromiumArgs, findChromium } from '../browsers.ts'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'
import { parseComplaints } from './complaints.ts'

/** Lists what fails in a service worker that is bundled in this application. */
export async function findServiceWorkerFaults(folder: string): Promise<string[]> {
  const executablePath = findChromium()
  if (executablePath === undefined) return ['there is no Chromium']
  const [entry, output] = ['service-worker.entry.mjs', 'service-worker.mjs'].map((name) =>
    join(folder, name),
  ) as [string, string]
  writeFileSync(entry, WORKER)
  const jobs = join(folder, 'service-worker.json')
  writeFileSync(jobs, JSON.stringify({ folder, jobs: [{ entry, output, isForNode: false }] }))
  const bundler = join(root, 'tools/consumers/bundle.mjs')
  const { output: said } = await runCommand(process.execPath, [bundler, 'esbuild', jobs], {
    print: 'keep',
    cwd: folder,
  })
  const complaints = parseComplaints(said)
  if (complaints.length > 0) return complaints
  const server = createServer(({ url }, response) => {
    const isPage = url === '/'
    response.setHeader('content-type', isPage ? 'text/html' : 'text/javascript')
    response.end(isPage ? '<!doctype html><title>Worker</title>' : readFileSync(output))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const answer = await page.evaluate<string>(PAGE)
    return answer === 'done' ? [] : [answer]
  } catch (error) {
    return [String(error)]
  } finally {
    await browser.close()
    server.close()
  }
}

const PAGE = `(async () => {
await navigator.serviceWorker.register('/service-worker.mjs', { type: 'module' })
const { active } = await navigator.serviceWorker.ready
const { port1, port2 } = new MessageChannel()
const answer = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data) })
active.postMessage('run', [port2])
return answer
})()`

/** A push message is opened, with a key of a passphrase and one of a vault, and a download is opened as it streams. */
const WORKER = `
import { Keyring, openEvent, sealEvent } from '@conclave/e2ee'
import { openFile, sealBytes } from '@conclave/e2ee/files'
import { createPassphraseKeySource } from '@conclave/e2ee/passphrase'
import { createIndexedDbStorage, createVault, generateRecoveryKey, openVault } from '@conclave/vault'

const expect = (is, text) => { if (!is) throw new Error('expected ' + text) }
const passphrase = 'umbrella-kestrel-nine-orbit-fudge-lace'

async function run() {
  const source = await createPassphraseKeySource(passphrase, { room: 'r' })
  const key = await source.export('push', new Uint8Array(), 32)
  const storage = createIndexedDbStorage()
  const vault = await createVault({ storage, recovery: generateRecoveryKey() })
  await vault.addSlot({ type: 'passphrase', passphrase, label: 'page' }, { use: true })
  await vault.set('key', key)
  const again = await openVault({ storage, with: { type: 'passphrase', passphrase } })
  const ring = new Keyring()
  ring.rotate({ keyId: 'k', epoch: 1n, key: again.get('key') })
  const place = { kind: 'chat', roomId: 'r', messageId: 'm' }
  const opened = await openEvent(await sealEvent({ body: 'hello' }, ring, place), ring, { ...place, replay: 'none' })
  expect(opened.type === 'opened' && opened.value.body === 'hello', 'the push message')
  const { sealed, description } = await sealBytes(new Uint8Array(200_000).fill(7))
  const file = await new Response(openFile(new Response(sealed).body, description)).arrayBuffer()
  expect(file.byteLength === 200_000, 'the download')
}

self.addEventListener('message', (event) => {
  const [port] = event.ports
  event.waitUntil(run().then(() => port.postMessage('done'), (error) => port.postMessage(String(error.cause ?? error))))
})
`
