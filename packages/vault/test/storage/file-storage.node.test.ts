import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStorage } from '@conclave/vault/node'
import { vaultStorageContract } from '@conclave/vault/testing'
import { afterAll, expect, test } from 'vitest'
import { newVault, reopen, textOf, utf8 } from '../fixtures.ts'
import { expectSeenAfterReload } from './replay-guard.ts'

const root = await mkdtemp(join(tmpdir(), 'conclave-vault-'))
let folders = 0
const newFolder = () => join(root, String((folders += 1)), 'vault')
afterAll(() => rm(root, { recursive: true }))

const files = vaultStorageContract({
  connect: () => {
    const folder = newFolder()
    return [createFileStorage({ folder }), createFileStorage({ folder })]
  },
  close: () => undefined,
})
for (const { title, run } of files)
  test(`[V23, V24] files: ${title}`, async () => expect(run()).resolves.toBeUndefined())

test('[V24] two files are kept, readable only to their owner', async () => {
  const folder = newFolder()
  const { vault } = await newVault(createFileStorage({ folder }))
  for (let count = 0; count < 10; count += 1) await vault.set('a', utf8(String(count)))
  const names = await readdir(folder)
  expect(names).toHaveLength(2)
  for (const name of names) expect((await stat(join(folder, name))).mode & 0o077).toBe(0)
})

test('[V24] files that a crash leaves behind are ignored', async () => {
  const folder = newFolder()
  const place = await newVault(createFileStorage({ folder }))
  await place.vault.set('a', utf8('1'))
  for (const name of ['.half.tmp', 'vault-99', 'vault-0000000000000009.bak', 'notes.txt']) {
    await writeFile(join(folder, name), 'CVLT')
  }
  await mkdir(join(folder, 'old'))
  const again = await reopen({ ...place, storage: createFileStorage({ folder }) })
  expect(textOf(again.get('a'))).toBe('1')
  await again.set('a', utf8('2'))
  expect(textOf((await reopen(place)).get('a'))).toBe('2')
})

test('[V24] many writers at once lose nothing', async () => {
  const folder = newFolder()
  const place = await newVault(createFileStorage({ folder }))
  const devices = await Promise.all([1, 2, 3].map(() => reopen(place)))
  const writes = devices.flatMap((device, at) =>
    Array.from({ length: 4 }, (_, index) => device.set(`${at} ${index}`, utf8('1'))),
  )
  await Promise.all(writes)
  expect((await reopen(place)).list()).toHaveLength(12)
})

test('[V24] a folder without a path is refused', () => {
  expect(() => createFileStorage({ folder: '' })).toThrow('"folder" expected')
  expect(() => createFileStorage({ folder: 7 as never })).toThrow('"folder" expected')
  expect(() => createFileStorage(undefined as never)).toThrow('"options" expected')
})

test('[V24, P41] a replay guard in files knows after a reload which events were seen', async () => {
  const folder = newFolder()
  const seen = expectSeenAfterReload(async () => createFileStorage({ folder }))
  await expect(seen).resolves.toBeUndefined()
})
