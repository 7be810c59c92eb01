/**
 * Runs one program as a test of jest and of vitest, in the environments that applications choose: each has other globals,
 * and some have arrays and buffers of a realm that is not the packages' own.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'

const MODULES = join(root, 'tools/consumers/node_modules')
const JEST = ['--experimental-vm-modules', join(MODULES, 'jest/bin/jest.js'), '--rootDir=.']
const VITEST = [join(MODULES, 'vitest/vitest.mjs'), 'run', '--globals']

/** jsdom has no WebCrypto under jest or in vitest's `vmThreads`: nothing can be sealed there. */
const RUNS = [
  { name: 'jest, node', args: [...JEST, '--env=node'] },
  { name: 'vitest, node', args: [...VITEST, '--environment=node'] },
  { name: 'vitest, jsdom', args: [...VITEST, '--environment=jsdom'] },
  { name: 'vitest, happy-dom', args: [...VITEST, '--environment=happy-dom'] },
]

/** Lists the runs that fail, with what they print. */
export async function findTestRunnerFaults(folder: string): Promise<string[]> {
  writeFileSync(join(folder, 'everything.test.js'), PROGRAM)
  const faults: string[] = []
  for (const { name, args } of RUNS) {
    const { code, output } = await runCommand(process.execPath, args, {
      print: 'keep',
      cwd: folder,
      env: { CI: '1', NO_COLOR: '1', NODE_ENV: 'test' },
    })
    if (code !== 0) faults.push(`${name}: ${output.trim()}`)
  }
  return faults
}

const PROGRAM = `
import { createRoomLink, Room } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import { Keyring, openEvent, sealEvent } from '@conclave/e2ee'
import { generateExchangeKeys, openKey, sealKey, SeenKeys } from '@conclave/e2ee/exchange'
import { openFile, sealFile } from '@conclave/e2ee/files'
import { createMemoryStorage, createVault, generateRecoveryKey, openVault } from '@conclave/vault'

const place = { kind: 'chat', roomId: 'r', messageId: 'm' }

test('an event', async () => {
  const keys = new Keyring()
  keys.rotate({ keyId: 'r', epoch: 1, key: crypto.getRandomValues(new Uint8Array(32)) })
  const opened = await openEvent(await sealEvent({ text: 'hello' }, keys, { ...place, sender: 'a' }), keys, { ...place, replay: 'none' })
  expect(opened.type === 'opened' && opened.value).toEqual({ text: 'hello' })
})

test('a file', async () => {
  const { stream, description } = sealFile(new TextEncoder().encode('a long story'))
  const stored = await new Response(stream).blob()
  const chunks = []
  for await (const chunk of openFile(stored, await description)) chunks.push(...chunk)
  expect(new TextDecoder().decode(new Uint8Array(chunks))).toBe('a long story')
})

test('an exchange', async () => {
  const [alice, bob] = [await generateExchangeKeys(), await generateExchangeKeys()]
  const now = Date.now()
  const key = new Uint8Array(32).fill(3)
  const sealed = await sealKey(key, { from: alice, to: bob.identity, room: 'r', purpose: 'p', expiresAt: now + 60_000, keyId: 'r', epoch: 1 })
  const opened = await openKey(sealed, { to: bob, from: alice.identity, room: 'r', purpose: 'p', now, seen: new SeenKeys({ storage: 'none' }) })
  expect(opened.type === 'opened' && [...opened.key]).toEqual([...key])
})

test('a vault', async () => {
  const storage = createMemoryStorage()
  const key = generateRecoveryKey()
  const vault = await createVault({ storage, recovery: key, pin: 'none' })
  await vault.set('a', new Uint8Array(8))
  const again = await openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
  expect(again.get('a')?.length).toBe(8)
})

test('a room', async () => {
  const hub = new LocalHub({ atOnce: true })
  const transport = hub.transport.bind(hub)
  const link = await createRoomLink('https://meet.example')
  const alice = await Room.join(link, { name: 'Alice', media: false, transport })
  const bob = await Room.join(link, { name: 'Bob', media: false, transport })
  const heard = new Promise((resolve) => bob.on('chat', ({ message }) => resolve(message.text)))
  await new Promise((resolve) => alice.on('participantJoined', resolve))
  await alice.chat.send('hello')
  expect(await heard).toBe('hello')
  await Promise.all([alice.leave(), bob.leave()])
})
`
