/** Folders that the system refuses, each by another error. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStorage } from '@conclave/vault/node'
import { generateAesGcmKey, openEvent, ReplayGuard, EventCounter, sealEvent } from '@conclave/e2ee'
import { afterAll, expect, test } from 'vitest'
import { failureOf, newVault, utf8 } from '../fixtures.ts'

const root = await mkdtemp(join(tmpdir(), 'conclave-failing-'))
afterAll(() => rm(root, { recursive: true }))

await writeFile(join(root, 'file'), '')
await symlink('loop', join(root, 'loop'))
await mkdir(join(root, 'taken/vault-0000000000000001'), { recursive: true })

/** By the code of the system: a folder, and what fails there. */
const cases = [
  ['ENOTDIR', join(root, 'file'), ['read', 'write', 'remove']],
  ['ENOTDIR', join(root, 'file/below'), ['read', 'write', 'remove']],
  ['ELOOP', join(root, 'loop'), ['read', 'write', 'remove']],
  ['ENAMETOOLONG', join(root, 'x'.repeat(300)), ['read', 'write', 'remove']],
  ['EISDIR', join(root, 'taken'), ['read', 'write', 'remove']],
  ['ERR_INVALID_ARG_VALUE', '\0', ['read', 'write', 'remove']],
] as const

test.each(cases)('[V23] %s in %j has the code of the package', async (code, folder, calls) => {
  const storage = createFileStorage({ folder })
  const run = {
    read: () => storage.read(),
    write: () => storage.write(utf8('x'), undefined),
    remove: () => storage.remove(),
  }
  for (const call of calls) {
    const { code: given, cause } = await failureOf(run[call])
    const removal = code === 'EISDIR' && call === 'remove' ? 'ERR_FS_EISDIR' : code
    expect([call, given, (cause as { code?: unknown }).code]).toEqual([
      call,
      'ERR_VAULT_STORAGE_FAILED',
      removal,
    ])
  }
  expect((await failureOf(newVault(storage))).code).toBe('ERR_VAULT_STORAGE_FAILED')
})

test('[V23, K44] a replay guard over such a folder names both', async () => {
  const key = await generateAesGcmKey()
  const chat = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
  const counter = new EventCounter({ now: 1e12 })
  const envelope = await sealEvent(1, key, { ...chat, sender: 'alice', counter })
  const replay = new ReplayGuard({ storage: createFileStorage({ folder: join(root, 'file') }) })
  await expect(openEvent(envelope, key, { ...chat, replay })).rejects.toMatchObject({
    code: 'ERR_E2EE_STORAGE',
    details: { reason: 'failed' },
    cause: { code: 'ERR_VAULT_STORAGE_FAILED', cause: { code: 'ENOTDIR' } },
  })
})
