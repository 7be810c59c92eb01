/** A disk without space, in a real browser. */
import { createIndexedDbStorage } from '@conclave/vault'
import type { VaultStorage } from '@conclave/vault'
import { expect, test } from 'vitest'
import { useSmallDisk } from '../../../../tools/small-disk.ts'
import { newVault, reopen } from '../fixtures.ts'

const refused = {
  code: 'ERR_VAULT_STORAGE_FAILED',
  cause: expect.objectContaining({ name: 'QuotaExceededError' }),
}

/** A storage on a disk of this size. */
async function smallDisk(bytes: number): Promise<VaultStorage> {
  await useSmallDisk(bytes)
  return createIndexedDbStorage()
}

test('[V24] a vault whose database does not fit on the disk is not made', async () => {
  await expect(newVault(await smallDisk(1))).rejects.toMatchObject(refused)
})

test('[V24] an entry that does not fit on the disk is refused, and the vault stays as it was', async () => {
  const { storage, recovery, vault } = await newVault(await smallDisk(500_000))
  const names: string[] = []
  const fill = async (): Promise<void> => {
    while (names.length < 20) {
      const name = `entry ${names.length}`
      await vault.set(name, new Uint8Array(60_000).fill(names.length))
      names.push(name)
    }
  }
  await expect(fill()).rejects.toMatchObject(refused)
  expect(names).not.toEqual([])
  const again = await reopen({ storage, recovery })
  expect(again.list().toSorted()).toEqual(names)
  expect(vault.list().toSorted()).toEqual(names)
})
