import { openVault } from '@conclave/vault'
import type { NewSlot, VaultCredential } from '@conclave/vault'
import { afterEach, expect, test, vi } from 'vitest'
import { codeOf, failureOf, newVault, PASSPHRASE, QUICK } from '../fixtures.ts'

const credential = { type: 'passphrase', passphrase: PASSPHRASE } as const
const slot = { ...credential, kdf: QUICK } as const

/** The page itself can no longer stretch: whatever does is in a worker. */
const disableHere = (): unknown => vi.stubGlobal('WebAssembly', undefined)

afterEach(() => {
  vi.unstubAllGlobals()
})

test('[V10, K49] in a page a vault stretches passphrases in a worker', async () => {
  const { vault, storage } = await newVault()
  disableHere()
  const added = await vault.addSlot(slot)
  const opened = await openVault({ storage, with: credential, pin: 'none' })
  expect(opened.slots()).toContainEqual(expect.objectContaining({ id: added.id, inUse: true }))
  await opened.replaceSlot(added.id, { ...slot, passphrase: `${PASSPHRASE} x` })
  const again: VaultCredential = { ...credential, passphrase: `${PASSPHRASE} x` }
  expect((await openVault({ storage, with: again, pin: 'none' })).id).toBe(vault.id)
})

test('[V10, K49] a page that asks for it stretches in its own thread', async () => {
  const { vault, storage } = await newVault()
  const here = { createWorker: 'none' } as const
  await vault.addSlot({ ...slot, ...here })
  const opened = await openVault({ storage, with: { ...credential, ...here }, pin: 'none' })
  expect(opened.id).toBe(vault.id)
  disableHere()
  const opening = openVault({ storage, with: { ...credential, ...here }, pin: 'none' })
  await expect(opening).rejects.toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED' })
})

test('[K49] a worker that does not start ends the call, which stores and opens nothing', async () => {
  const { vault, storage } = await newVault()
  const createWorker = (): Worker => new Worker('/no-such-worker.js', { type: 'module' })
  const missing: NewSlot = { ...slot, createWorker }
  const failed = { code: 'ERR_VAULT_WORKER', details: { reason: 'start' } }
  const error = await failureOf(vault.addSlot(missing))
  expect(error).toMatchObject({ ...failed, cause: { code: 'ERR_E2EE_WORKER' } })
  expect(error.message).toMatch(/did not start: .*createWorker/)
  expect(vault.slots()).toHaveLength(1)
  await vault.addSlot(slot)
  const opening = openVault({ storage, with: { ...credential, createWorker }, pin: 'none' })
  expect(await codeOf(opening)).toBe('ERR_VAULT_WORKER')
})
