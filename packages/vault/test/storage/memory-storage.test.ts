import { createMemoryStorage } from '@conclave/vault'
import { vaultStorageContract } from '@conclave/vault/testing'
import { expect, test } from 'vitest'
import { expectSeenAfterReload } from './replay-guard.ts'

const memory = vaultStorageContract({
  connect: () => {
    const storage = createMemoryStorage()
    return [storage, storage]
  },
  close: () => undefined,
})
for (const { title, run } of memory)
  test(`[V23] memory: ${title}`, async () => expect(run()).resolves.toBeUndefined())

test('[P41] a replay guard knows the events that an earlier one with the same storage saw', async () => {
  const storage = createMemoryStorage()
  const seen = expectSeenAfterReload(async () => storage)
  await expect(seen).resolves.toBeUndefined()
})
