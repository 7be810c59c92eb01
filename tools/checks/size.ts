/**
 * How much JavaScript a browser loads, gzip-compressed: the app's first page against its budget, and the cost of each
 * use of the packages by itself.
 *
 * @module
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build as bundle, defaultClientConditions } from 'vite'
import { root } from '../prepare.mjs'

/** The most JavaScript that the app's first page may load, in bytes after gzip. */
const FIRST_LOAD_BUDGET = 53_500

/** The most JavaScript of the whole app but for the worker, which a page with a room loads, in bytes after gzip. */
const ROOM_BUDGET = 155_690

/** The most that an app which only seals may load, in either way, in bytes after gzip: 7 KiB, and 82 bytes for the stream of data. */
const SEALING_BUDGET = 7250

/** Uses of the packages, by what an application would import, and what each may cost at most. */
const USES: Readonly<Record<string, readonly [code: string, budget: number]>> = {
  'wire: everything': [`export * from '@conclave/wire'`, 4300],
  'e2ee: sealing alone': [
    `export { createSealer, deriveLinkKeys } from '@conclave/e2ee'`,
    SEALING_BUDGET,
  ],
  'e2ee: sealing events alone': [
    `export {
      decryptCallSignalJson, decryptChatJson, decryptRealtimeJson, encryptCallSignalJson, encryptChatJson,
      encryptRealtimeJson, exportAesGcmKeyToBase64, generateAesGcmKey, importAesGcmKeyFromBase64,
    } from '@conclave/e2ee'`,
    SEALING_BUDGET,
  ],
  'e2ee: events with keyring, numbers and replay guard': [
    `export {
      EventCounter, Keyring, openEvent, ReplayGuard, sealEvent, sealEventBinary,
    } from '@conclave/e2ee'`,
    13_700,
  ],
  'e2ee: keys of each participant': [`export { ParticipantKeySource } from '@conclave/e2ee'`, 6400],
  'e2ee: everything': [`export * from '@conclave/e2ee'`, 23_400],
  'e2ee: passphrases': [`export * from '@conclave/e2ee/passphrase'`, 30_100],
  'e2ee: the worker of passphrases': [`import '@conclave/e2ee/passphrase-worker'`, 11_800],
  'e2ee: exchange': [`export * from '@conclave/e2ee/exchange'`, 19_500],
  'e2ee: exchange with X-Wing': [
    `export * from '@conclave/e2ee/exchange'; export * from '@conclave/e2ee/exchange-hybrid'`,
    33_400,
  ],
  'e2ee: files': [`export * from '@conclave/e2ee/files'`, 13_700],
  'e2ee: session': [`export * from '@conclave/e2ee/session'`, 14_300],
  'e2ee: authority': [`export * from '@conclave/e2ee/authority'`, 7400],
  'e2ee: signing': [`export * from '@conclave/e2ee/signing'`, 3150],
  'adapters: pusher': [`export * from '@conclave/adapters/pusher'`, 14_750],
  'adapters: echo': [`export * from '@conclave/adapters/echo'`, 14_710],
  'adapters: websocket': [`export * from '@conclave/adapters/websocket'`, 14_860],
  'adapters: broadcast-channel': [`export * from '@conclave/adapters/broadcast-channel'`, 14_030],
  'adapters: data-channel': [`export * from '@conclave/adapters/data-channel'`, 14_850],
  'server-client: everything': [`export * from '@conclave/server-client'`, 11_700],
  'vault: everything': [`export * from '@conclave/vault'`, 40_900],
  'recording: everything, with a room and the encoder': [
    `export * from '@conclave/recording'`,
    213_680,
  ],
  'recording: recording and storing, with a room': [
    `export { startRecording, storeRecording } from '@conclave/recording'`,
    161_860,
  ],
  'testing: everything, with a room': [`export * from '@conclave/testing'`, 118_930],
  'media: everything but the worker': [`export * from '@conclave/media'`, 11_500],
  'media: a manager, with the key providers': [`export * from '@conclave/media/manager'`, 43_850],
  'media: the worker': [`import '@conclave/media/worker'`, 13_600],
  'media: with LiveKit frames, but for the worker': [
    `export * from '@conclave/media'; export * from '@conclave/media/livekit'`,
    14_300,
  ],
  'media: the worker of LiveKit frames': [`import '@conclave/media/livekit/worker'`, 6_500],
  'p2p: Sender and Receiver with one driver': [
    `export { Receiver, Sender } from '@conclave/p2p'; export { MemoryDriver } from '@conclave/p2p/drivers/memory'`,
    12_210,
  ],
  'p2p: Sender and Receiver with channels and one driver': [
    `export { Receiver, Sender } from '@conclave/p2p/channels'; export { MemoryDriver } from '@conclave/p2p/drivers/memory'`,
    16_000,
  ],
  'p2p: everything': [`export * from '@conclave/p2p'`, 18_090],
  'client: the calls of other kits': [`export * from '@conclave/client/compat'`, 138_130],
  'client: a room': [`export { Room } from '@conclave/client'`, 109_770],
  'client: private and presence channels': [`export * from '@conclave/client/channels'`, 27_500],
  'client: sealing any driver': [`export { encrypted } from '@conclave/client'`, 140_620],
}

/** The table of sizes to print, and what exceeds its budget. The app must be built. */
export async function checkSize(): Promise<{
  readonly lines: string[]
  readonly problems: string[]
}> {
  const app = join(root, 'apps/meet/dist')
  const pages: readonly [name: string, bytes: number, budget: number][] = [
    ['app: first load', measureFirstLoad(app), FIRST_LOAD_BUDGET],
    ['app: with a room', measureScripts(join(app, 'assets')), ROOM_BUDGET],
  ]
  const lines = pages.map(
    ([name, bytes, most]) => `${kilobytes(bytes)} of ${kilobytes(most)}  ${name}`,
  )
  const problems = pages
    .filter(([, bytes, most]) => bytes > most)
    .map(([name, bytes, most]) => `${name}: ${bytes} bytes of JavaScript, of ${most}`)
  for (const [name, [code, budget]] of Object.entries(USES)) {
    const bytes = await measureUse(code)
    lines.push(`${kilobytes(bytes)} of ${kilobytes(budget)}  ${name}`)
    if (bytes > budget) problems.push(`${name}: ${bytes} bytes of JavaScript, of ${budget}`)
  }
  return { lines, problems }
}

/** The scripts that the page names and all that these import statically, each compressed by itself. */
function measureFirstLoad(folder: string): number {
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  const waiting = [...html.matchAll(/(?:src|href)="\.(\/[^"]+\.js)"/g)].map(([, path = '']) => path)
  if (waiting.length === 0) throw new Error('the built page names no script')
  const seen = new Set<string>()
  let total = 0
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const bytes = readFileSync(join(folder, path))
    total += gzipSync(bytes).length
    for (const [, specifier = ''] of bytes
      .toString()
      .matchAll(/(?:from|import)\s*["'](\.[^"']+\.js)["']/g)) {
      const imported = posix.join(dirname(path), specifier)
      if (existsSync(join(folder, imported))) waiting.push(imported)
    }
  }
  return total
}

const measureScripts = (folder: string): number =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.js') && !name.startsWith('worker'))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0)

const measureUse = async (code: string): Promise<number> => {
  const entry = 'virtual:use'
  const result = await bundle({
    configFile: false,
    root: join(root, 'apps/meet'),
    logLevel: 'error',
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      rollupOptions: { input: entry, preserveEntrySignatures: 'strict' },
    },
    plugins: [
      {
        name: 'conclave-use',
        resolveId: (id, importer) =>
          id === entry ? id : importer === entry ? bareImport(id) : undefined,
        load: (id) => (id === entry ? code : undefined),
      },
    ],
  })
  const outputs = Array.isArray(result) ? result : [result]
  let total = 0
  for (const output of outputs) {
    if (!('output' in output)) continue
    for (const chunk of output.output) {
      if (chunk.type === 'chunk' && !/worker/.test(chunk.fileName))
        total += gzipSync(chunk.code).length
    }
  }
  return total
}

/** All packages of ours and their entries, from a place that depends on none of them. */
const bareImport = (id: string): string => {
  const [name = '', ...path] = id.replace('@conclave/', '').split('/')
  const entry = path.join('/') || '.'
  const source = join(root, 'packages', name, 'src')
  const file = join(source, `${entry}.ts`)
  return existsSync(file) ? file : join(source, entry, 'index.ts')
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(6)} kB`
