import { ARGON2ID, createMemoryStorage, inspectVault, openVault, PBKDF2 } from '@conclave/vault'
import type { PassphraseKdf, VaultPin, VaultStorage } from '@conclave/vault'
import { expect, test } from 'vitest'
import {
  codeOf,
  newVault,
  overwrite,
  PASSPHRASE,
  QUICK,
  slotOf,
  storageOf,
  storedBytes,
} from '../fixtures.ts'

const credential = { type: 'passphrase', passphrase: PASSPHRASE } as const

async function withPassphrase(kdf: PassphraseKdf = QUICK) {
  const made = await newVault()
  await made.vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf })
  return made
}

/** The stored bytes with other costs of Argon2id, as one who controls the storage can write them. */
async function withCosts(
  storage: VaultStorage,
  { iterations, memoryKiB }: { readonly iterations: number; readonly memoryKiB: number },
): Promise<VaultStorage> {
  const bytes = await storedBytes(storage)
  // The recovery key's slot from 72 to 172, then a head of 20 bytes, the function and its salt.
  const view = new DataView(bytes.buffer)
  view.setUint32(172 + 20 + 17, iterations)
  view.setUint32(172 + 20 + 21, memoryKiB)
  return storageOf(bytes)
}

/** Argon2id fails, so that an error of another code than `ERR_VAULT_WORKER` shows that nothing was computed. */
const uncomputed = {
  ...credential,
  createWorker: (): never => {
    throw new Error('computed')
  },
}

test('[V10] a storage that asks for more than four times the default gets nothing computed', async () => {
  const { storage } = await withPassphrase()
  for (const costs of [
    { iterations: 16, memoryKiB: 262_144 },
    { iterations: 13, memoryKiB: 65_536 },
    { iterations: 4, memoryKiB: 262_144 },
  ]) {
    const hostile = await withCosts(storage, costs)
    expect(await codeOf(openVault({ storage: hostile, with: uncomputed, pin: 'none' }))).toBe(
      'ERR_VAULT_MALFORMED',
    )
  }
  const most = await withCosts(storage, { iterations: 12, memoryKiB: 65_536 })
  expect(await codeOf(openVault({ storage: most, with: uncomputed, pin: 'none' }))).toBe(
    'ERR_VAULT_WORKER',
  )
  expect(inspectVault(await storedBytes(most))?.slots[1]?.kdf).toMatchObject({ iterations: 12 })
})

test('[V10] a new slot costs at most four times the default', async () => {
  const { vault } = await newVault()
  for (const kdf of [
    { ...ARGON2ID, iterations: 13 },
    { ...ARGON2ID, iterations: 4, memoryKiB: 262_144 },
    { ...PBKDF2, iterations: 4_800_001 },
  ] as PassphraseKdf[]) {
    const added = vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf })
    await expect(added).rejects.toThrow('"slot.kdf" expected')
  }
})

test('[V10] a device computes for a slot that it knows nothing but what it has pinned', async () => {
  const { vault, storage } = await withPassphrase()
  const { pin } = vault
  expect(pin.passphrase).toEqual({ slot: slotOf(vault, 'passphrase'), kdf: QUICK })
  for (const costs of [
    { iterations: 12, memoryKiB: 65_536 },
    { iterations: 3, memoryKiB: 19_456 },
    { iterations: 2, memoryKiB: 19_457 },
  ]) {
    const hostile = await withCosts(storage, costs)
    const opening = openVault({ storage: hostile, with: uncomputed, pin })
    expect(await codeOf(opening)).toBe('ERR_VAULT_OPEN_FAILED')
  }
  const kdf: PassphraseKdf = { type: 'pbkdf2-sha256', iterations: 600_000 }
  const other: VaultPin = { ...pin, passphrase: { ...pin.passphrase, kdf } as never }
  expect(await codeOf(openVault({ storage, with: uncomputed, pin: other }))).toBe(
    'ERR_VAULT_OPEN_FAILED',
  )
})

test('[V10] a passphrase that another device replaced opens at its own cost', async () => {
  const { vault, storage, recovery } = await withPassphrase()
  const pins = createMemoryStorage()
  await openVault({ storage, with: credential, pin: pins })
  const kdf: PassphraseKdf = { ...QUICK, iterations: 3 } as PassphraseKdf
  const passphrase = `${PASSPHRASE} anew`
  await vault.replaceSlot(slotOf(vault, 'passphrase'), { type: 'passphrase', passphrase, kdf })
  const again = await openVault({ storage, with: { type: 'passphrase', passphrase }, pin: pins })
  expect(again.pin.passphrase?.kdf).toEqual(kdf)
  await overwrite(storage, await storedBytes(storage))
  const byKey = { type: 'recovery-key', key: recovery } as const
  expect((await openVault({ storage, with: byKey, pin: pins })).pin).toEqual(again.pin)
})

test('[V10, V19] a pin with costs that no vault has is a TypeError', async () => {
  const { vault, storage } = await withPassphrase()
  const { pin } = vault
  const slot = slotOf(vault, 'passphrase')
  for (const passphrase of [
    null,
    {},
    { slot },
    { slot: 'x', kdf: QUICK },
    { slot, kdf: { ...QUICK, iterations: 1_000 } },
    { slot, kdf: { type: 'scrypt' } },
  ]) {
    const wrong = { ...pin, passphrase } as never
    await expect(openVault({ storage, with: credential, pin: wrong })).rejects.toThrow(
      '"pin" expected',
    )
  }
})
