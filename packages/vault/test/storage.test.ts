import { createMemoryStorage } from '@conclave/vault'
import { vaultStorageContract } from '@conclave/vault/testing'
import { expect, test } from 'vitest'

const memory = vaultStorageContract({
  connect: () => {
    const storage = createMemoryStorage()
    return [storage, storage]
  },
  close: () => undefined,
})
for (const { title, run } of memory)
  test(`[V23] memory: ${title}`, async () => expect(run()).resolves.toBeUndefined())
