import { createPasskeyClient } from '@conclave/vault'
import { createSoftwarePasskeys } from '@conclave/vault/testing'
import { expect, test } from 'vitest'
import { codeOf, newVault, PASSPHRASE, QUICK, slotOf } from '../fixtures.ts'

const user = { name: 'alice', displayName: 'Alice' }

test('[V12] a passkey that does not become a slot is discarded, whatever the reason', async () => {
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const register = () => passkeys.register({ user })
  const { vault } = await newVault()
  const isKept = async (passkey: Awaited<ReturnType<typeof register>>) =>
    (await passkey.discard?.()) === true

  const unlabelled = await register()
  const added = vault.addSlot({ type: 'passkey', passkey: unlabelled, label: 'x'.repeat(256) })
  await expect(added).rejects.toThrow(RangeError)
  expect(await isKept(unlabelled)).toBe(false)

  const first = await register()
  const { id } = await vault.addSlot({ type: 'passkey', passkey: first })
  await vault.removeSlot(id)
  const late = await register()
  // The slot was removed by another device.
  expect(await codeOf(vault.replaceSlot(id, { type: 'passkey', passkey: late }))).toBe(
    'ERR_VAULT_NO_SLOT',
  )
  expect(await isKept(late)).toBe(false)
  for (let count = 0; count < 15; count += 1) {
    await vault.addSlot({ type: 'passkey', passkey: await register() })
  }
  const many = await register()
  expect(await codeOf(vault.addSlot({ type: 'passkey', passkey: many }))).toBe(
    'ERR_VAULT_TOO_LARGE',
  )
  expect(await isKept(many)).toBe(false)
  await vault.close()
  const closed = await register()
  expect(await codeOf(vault.addSlot({ type: 'passkey', passkey: closed }))).toBe('ERR_VAULT_CLOSED')
  expect(await isKept(closed)).toBe(false)
})

test('[V12] a passkey that is a slot, or may be one, stays', async () => {
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const { vault, storage } = await newVault()
  const passkey = await passkeys.register({ user })
  const again = { ...passkey, output: passkey.output.slice() }
  await vault.addSlot({ type: 'passkey', passkey })
  expect(await codeOf(vault.addSlot({ type: 'passkey', passkey: again }))).toBe(
    'ERR_VAULT_SLOT_EXISTS',
  )
  storage.write = async () => {
    throw new Error('offline')
  }
  const other = await passkeys.register({ user })
  expect(await codeOf(vault.addSlot({ type: 'passkey', passkey: other }))).toBe(
    'ERR_VAULT_STORAGE_FAILED',
  )
  expect([await passkey.discard?.(), await other.discard?.()]).toEqual([true, true])
})

test('[V12] a failure to discard a passkey does not hide why the slot was not added', async () => {
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const { vault } = await newVault()
  await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: QUICK })
  const passkey = {
    ...(await passkeys.register({ user })),
    discard: async () => {
      throw new Error('no such method')
    },
  }
  const added = vault.replaceSlot(slotOf(vault, 'passphrase'), { type: 'passkey', passkey })
  await expect(added).rejects.toThrow('"slot.type" expected passphrase')
  await vault.close()
  expect(await codeOf(vault.addSlot({ type: 'passkey', passkey }))).toBe('ERR_VAULT_CLOSED')
})

test('[V12] the caller learns that the platform cannot be told of an unknown passkey', async () => {
  const client = createPasskeyClient({ rp: { id: 'example.org', name: 'Example' } })
  const original = Object.getOwnPropertyDescriptor(globalThis, 'PublicKeyCredential')
  Object.defineProperty(globalThis, 'PublicKeyCredential', { value: undefined, configurable: true })
  try {
    expect(await client.forget('AAAA')).toBe(false)
  } finally {
    Object.defineProperty(globalThis, 'PublicKeyCredential', original ?? { configurable: true })
  }
})
