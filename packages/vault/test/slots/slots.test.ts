import {
  encodeRecoveryKey,
  generateRecoveryKey,
  MAX_SLOTS,
  openVault,
  parseRecoveryKey,
  PBKDF2,
} from '@conclave/vault'
import type { NewSlot, SlotId, Vault } from '@conclave/vault'
import { createSoftwarePasskeys } from '@conclave/vault/testing'
import { expect, test } from 'vitest'
import { areSlotsAllowed, randomSlotId } from '../../src/slots/slot.ts'
import type { SlotParameters } from '../../src/slots/slot.ts'
import {
  codeOf,
  failureOf,
  newVault,
  PASSPHRASE,
  QUICK,
  reopen,
  slotOf,
  storedBytes,
  textOf,
  utf8,
} from '../fixtures.ts'

const user = { name: 'alice', displayName: 'Alice' }
const passphraseSlot = { type: 'passphrase', passphrase: PASSPHRASE, kdf: QUICK } as const
const withPassphrase = { type: 'passphrase', passphrase: PASSPHRASE } as const

test('[V5, V8] the text of a recovery key opens the vault on a new device', async () => {
  const { vault, storage, recovery } = await newVault()
  await vault.set('a', utf8('1'))
  const key = parseRecoveryKey(encodeRecoveryKey(recovery).toLowerCase())
  if (key === undefined) throw new Error('expected a key')
  const opened = await openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
  expect(textOf(opened.get('a'))).toBe('1')
})

test('[V7] passphrase, passkeys and recovery key open the same entries', async () => {
  const { vault, ...place } = await newVault()
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  await vault.set('a', utf8('1'))
  const slot = await vault.addSlot({ ...passphraseSlot, label: 'for every day' })
  expect(slot).toMatchObject({ type: 'passphrase', label: 'for every day', kdf: QUICK })
  const passkey = await passkeys.register({ user })
  const added = await vault.addSlot({ type: 'passkey', passkey, label: 'phone' })
  expect(added).toMatchObject({ type: 'passkey', label: 'phone', rpId: 'example.org' })
  expect(passkey.output.every((byte) => byte === 0)).toBe(true)
  const { storage } = place
  const opened = await Promise.all([
    reopen(place),
    openVault({ storage, with: withPassphrase, pin: 'none' }),
    openVault({ storage, with: { type: 'passkey', passkeys }, pin: 'none' }),
  ])
  for (const each of opened) {
    expect(textOf(each.get('a'))).toBe('1')
    expect(each.slots().map(({ type }) => type)).toEqual(['recovery-key', 'passphrase', 'passkey'])
    expect(each.generation).toBe(1)
  }
  expect(opened.map((each) => each.slots().findIndex(({ inUse }) => inUse))).toEqual([0, 1, 2])
})

test('[V7] the recovery key cannot be removed: a passkey is never the only way in', async () => {
  const { vault, storage } = await newVault()
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  await vault.addSlot({ type: 'passkey', passkey: await passkeys.register({ user }) })
  const byPasskey = await openVault({ storage, with: { type: 'passkey', passkeys }, pin: 'none' })
  const recovery = slotOf(byPasskey, 'recovery-key')
  for (const removal of [byPasskey.removeSlot(recovery), byPasskey.revoke([recovery])]) {
    expect((await failureOf(removal)).details).toEqual({ reason: 'recovery-key' })
  }
  expect(byPasskey.slots()).toHaveLength(2)
})

test('[V7] a second recovery key, passphrase, or slot of one passkey is refused', async () => {
  const { vault } = await newVault()
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const passkey = await passkeys.register({ user })
  const again = { ...passkey, output: new Uint8Array(passkey.output) }
  await vault.addSlot(passphraseSlot)
  await vault.addSlot({ type: 'passkey', passkey })
  const others: NewSlot[] = [
    { type: 'recovery-key', key: generateRecoveryKey() },
    passphraseSlot,
    { type: 'passkey', passkey: again },
  ]
  for (const slot of others) {
    const error = await failureOf(vault.addSlot(slot))
    expect([error.code, error.details]).toEqual(['ERR_VAULT_SLOT_EXISTS', { type: slot.type }])
  }
  expect(vault.version).toBe(3)
})

test('[V7] a vault has at most 16 slots', async () => {
  const { vault } = await newVault()
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const add = async () =>
    vault.addSlot({ type: 'passkey', passkey: await passkeys.register({ user }) })
  for (let count = 1; count < MAX_SLOTS; count += 1) await add()
  expect((await failureOf(add())).details).toEqual({ limit: 'slots', max: MAX_SLOTS })
})

test('[V7] sets of slots that a vault can and cannot have', () => {
  const slot = (parameters: SlotParameters) => ({ id: randomSlotId(), parameters })
  const recovery = slot({ type: 'recovery-key' })
  const passphrase = () => slot({ type: 'passphrase', salt: new Uint8Array(16), kdf: PBKDF2 })
  const passkey = (id: number) =>
    slot({
      ...{ type: 'passkey', salt: new Uint8Array(32), rpId: 'example.org' },
      credentialId: Uint8Array.of(id),
    })
  expect(areSlotsAllowed([recovery])).toBe(true)
  expect(areSlotsAllowed([recovery, passphrase(), passkey(1), passkey(2)])).toBe(true)
  const forbidden = [
    [],
    [passkey(1)],
    [passphrase(), passkey(1)],
    [recovery, recovery],
    [recovery, slot({ type: 'recovery-key' })],
    [recovery, passphrase(), passphrase()],
    [recovery, passkey(1), passkey(1)],
    [recovery, ...Array.from({ length: 16 }, (_, at) => passkey(at))],
  ]
  for (const slots of forbidden) expect(areSlotsAllowed(slots)).toBe(false)
})

test('[V16] adding a slot leaves the master key and the other slots unchanged', async () => {
  const { vault, storage } = await newVault()
  const before = await storedBytes(storage)
  await vault.addSlot(passphraseSlot)
  expect(vault.generation).toBe(1)
  expect((await storedBytes(storage)).subarray(72, 172)).toEqual(before.subarray(72, 172))
})

test('[V16] replacing the passphrase leaves one master key for all slots, and the old passphrase opens nothing', async () => {
  const { vault, ...place } = await newVault()
  await vault.set('a', utf8('1'))
  await vault.addSlot(passphraseSlot)
  const { storage } = place
  const passphrase = 'velvet pioneer orbit magnet lunar satisfy'
  await vault.replaceSlot(slotOf(vault, 'passphrase'), { ...passphraseSlot, passphrase })
  expect(vault.generation).toBe(2)
  expect(await codeOf(openVault({ storage, with: withPassphrase, pin: 'none' }))).toBe(
    'ERR_VAULT_OPEN_FAILED',
  )
  const opened = await openVault({ storage, with: { type: 'passphrase', passphrase }, pin: 'none' })
  await opened.set('b', utf8('2'))
  expect((await reopen(place)).list()).toEqual(['a', 'b'])
})

test('[V16] a caller may keep the master key when a slot is replaced or removed', async () => {
  const { vault } = await newVault()
  const { id } = await vault.addSlot(passphraseSlot)
  const other = await vault.replaceSlot(id, passphraseSlot, { rotate: false })
  await vault.removeSlot(other.id, { rotate: false })
  expect(vault.generation).toBe(1)
  expect(vault.slots()).toHaveLength(1)
})

test('[V16] after the recovery key was replaced the old text opens nothing, and the open vault keeps working', async () => {
  const { vault, ...place } = await newVault()
  const key = generateRecoveryKey()
  await vault.replaceSlot(slotOf(vault, 'recovery-key'), { type: 'recovery-key', key })
  await vault.set('a', utf8('1'))
  await vault.addSlot(passphraseSlot)
  expect(await codeOf(reopen(place))).toBe('ERR_VAULT_OPEN_FAILED')
  const again = await reopen({ ...place, recovery: key })
  expect(textOf(again.get('a'))).toBe('1')
  expect(again.slots()).toHaveLength(2)
})

test('[V16] the slot that a vault was opened with is not removed', async () => {
  const { vault, storage } = await newVault()
  const { id } = await vault.addSlot(passphraseSlot)
  const byPassphrase = await openVault({ storage, with: withPassphrase, pin: 'none' })
  expect((await failureOf(byPassphrase.removeSlot(id))).details).toEqual({ reason: 'in-use' })
  await vault.removeSlot(id)
  expect(vault.slots()).toHaveLength(1)
})

test('[V16] unknown slots are neither removed nor replaced', async () => {
  const { vault } = await newVault()
  const unknown = randomSlotId()
  const failures: Promise<unknown>[] = [
    vault.removeSlot(unknown),
    vault.revoke([unknown]),
    vault.replaceSlot(unknown, passphraseSlot),
    vault.removeSlot('nothing' as SlotId),
  ]
  for (const failure of failures) expect(await codeOf(failure)).toBe('ERR_VAULT_NO_SLOT')
  const recovery = slotOf(vault, 'recovery-key')
  await expect(vault.replaceSlot(recovery, passphraseSlot)).rejects.toThrow(TypeError)
  expect(vault.version).toBe(1)
})

test('[V17] a rotation needs no secret, and every slot opens what follows', async () => {
  const { vault, ...place } = await newVault()
  const { storage } = place
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  await vault.addSlot(passphraseSlot)
  await vault.addSlot({ type: 'passkey', passkey: await passkeys.register({ user }) })
  await vault.set('a', utf8('1'))
  const before = vault.version
  const byPasskey = await openVault({ storage, with: { type: 'passkey', passkeys }, pin: 'none' })
  await byPasskey.rotate()
  expect([byPasskey.version, byPasskey.generation]).toEqual([before + 1, 2])
  const opened: Vault[] = [
    await reopen(place),
    await openVault({ storage, with: withPassphrase, pin: 'none' }),
    await openVault({ storage, with: { type: 'passkey', passkeys }, pin: 'none' }),
  ]
  for (const each of opened) expect(textOf(each.get('a'))).toBe('1')
})

test('[V18] an open vault follows rotations, until its slot is gone', async () => {
  const { vault, storage } = await newVault()
  const { id } = await vault.addSlot(passphraseSlot)
  const follower = await openVault({ storage, with: withPassphrase, pin: 'none' })
  for (let count = 0; count < 3; count += 1) await vault.rotate()
  await follower.set('a', utf8('1'))
  expect(follower.generation).toBe(4)
  await vault.removeSlot(id)
  expect(await codeOf(follower.refresh())).toBe('ERR_VAULT_NO_SLOT')
  expect(await codeOf(follower.set('b', utf8('2')))).toBe('ERR_VAULT_NO_SLOT')
  expect(textOf(follower.get('a'))).toBe('1')
})

test('[V16] a wrong slot is refused with the argument’s name', async () => {
  const { vault } = await newVault()
  const passkey = await createSoftwarePasskeys({ rpId: 'example.org' }).register({ user })
  const mistakes = [
    undefined,
    { type: 'pin' },
    { type: 'recovery-key', key: 'text' },
    { type: 'passphrase', passphrase: 7 },
    { ...passphraseSlot, kdf: { type: 'argon2id', iterations: 1, memoryKiB: 64, parallelism: 1 } },
    { ...passphraseSlot, kdf: { type: 'pbkdf2-sha256', iterations: 1_000 } },
    { ...passphraseSlot, kdf: { type: 'plain' } },
    { ...passphraseSlot, label: 'x'.repeat(256) },
    { type: 'passkey' },
    { type: 'passkey', passkey: { ...passkey, output: new Uint8Array(31) } },
    { type: 'passkey', passkey: { ...passkey, credentialId: new Uint8Array() } },
    { type: 'passkey', passkey: { ...passkey, rpId: 'Example' } },
  ] as unknown as NewSlot[]
  for (const slot of mistakes) {
    await expect(vault.addSlot(slot)).rejects.toThrow(/^"slot|^"passphrase/)
  }
  expect(vault.version).toBe(1)
})
