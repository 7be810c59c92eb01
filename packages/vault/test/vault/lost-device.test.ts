import { concatBytes, textToBytes as label } from '@conclave/base'
import { createSealer, randomParticipantId, SharedKeySource } from '@conclave/e2ee'
import { generateRecoveryKey, openVault, restoreVault } from '@conclave/vault'
import type { Vault } from '@conclave/vault'
import { createSoftwarePasskeys } from '@conclave/vault/testing'
import { parseRoomId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { decodeVaultFile } from '../../src/format/vault-file.ts'
import { openSnapshot } from '../../src/format/snapshot.ts'
import { deriveSlotKeys } from '../../src/slots/slot-key.ts'
import { deriveSealingKey, openSealed } from '../../src/seal-once.ts'
import {
  codeOf,
  newVault,
  reopen,
  slotOf,
  storageOf,
  storedBytes,
  textOf,
  utf8,
} from '../fixtures.ts'

const user = { name: 'alice', displayName: 'Alice' }
const room = parseRoomId('AAAAAAAAAAAAAAAAAAAAAQ')
if (room === undefined) throw new Error('expected a room id')

/** The key source of a room as a vault's entry has it: u8 epoch ‖ root. */
function keysOf(vault: Vault): SharedKeySource {
  const entry = vault.get('rooms/1') ?? new Uint8Array(33)
  return new SharedKeySource(entry.subarray(1), { epoch: BigInt(entry[0] ?? 0) })
}

const roomEntry = (epoch: number, fill: number) =>
  Uint8Array.of(epoch, ...new Uint8Array(32).fill(fill))

/** Alice at her laptop, with a phone that has its own passkey and gets lost, unlocked. */
async function lostPhone() {
  const { vault: laptop, ...place } = await newVault()
  const phonePasskeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const passkey = await phonePasskeys.register({ user })
  const phoneSlot = await laptop.addSlot({ type: 'passkey', passkey, label: 'phone' })
  await laptop.set('rooms/1', roomEntry(0, 1))
  const withPasskey = { type: 'passkey', passkeys: phonePasskeys } as const
  const session = await openVault({ ...place, with: withPasskey, pin: 'none' })
  const copy = await storedBytes(place.storage)
  const { output } = await phonePasskeys.evaluate(
    [{ credentialId: passkey.credentialId, salt: passkey.salt, rpId: 'example.org' }],
    {},
  )
  return { laptop, place, phoneSlot, thief: { session, withPasskey, copy, secret: output } }
}

test('[V25] a lost device reads earlier states and messages, and no later ones', async () => {
  const { laptop, place, phoneSlot, thief } = await lostPhone()
  const alice = randomParticipantId()
  const keys = keysOf(laptop)
  const sealer = createSealer({ keys, room, unsafeSelf: alice })
  const before = await sealer.seal({ kind: 3 }, utf8('before'))

  // Revoke and rotate: the vault and the rooms whose keys it holds.
  const root = new Uint8Array(32).fill(2)
  await laptop.revoke([phoneSlot.id], { entries: { 'rooms/1': roomEntry(1, 2) } })
  keys.setKey(root, 1n)
  const after = await sealer.seal({ kind: 3 }, utf8('after'))
  expect(laptop.generation).toBe(2)
  expect(laptop.slots().map(({ type }) => type)).toEqual(['recovery-key'])

  // What the thief can: the vault as it was, and with it what was sealed before.
  const old = await openVault({
    storage: await storageOf(thief.copy),
    with: thief.withPasskey,
    pin: 'none',
  })
  const theirs = createSealer({ keys: keysOf(old), room })
  expect(await theirs.open(alice, before.bytes)).toMatchObject({ type: 'opened' })
  expect(textOf(thief.session.get('rooms/1'))).toBe(textOf(old.get('rooms/1')))

  // What the thief cannot: follow with the open session, open with the passkey, or read what rooms seal now.
  expect(await codeOf(thief.session.refresh())).toBe('ERR_VAULT_NO_SLOT')
  expect(await codeOf(thief.session.set('x', utf8('x')))).toBe('ERR_VAULT_NO_SLOT')
  const again = openVault({ storage: place.storage, with: thief.withPasskey, pin: 'none' })
  expect(await codeOf(again)).toBe('ERR_VAULT_NO_SLOT')
  expect(await theirs.open(alice, after.bytes)).toMatchObject({
    type: 'dropped',
    reason: 'unknown-key',
  })
  const guessed = createSealer({
    keys: new SharedKeySource(new Uint8Array(32).fill(1), { epoch: 1n }),
    room,
  })
  expect(await guessed.open(alice, after.bytes)).toMatchObject({ reason: 'other-key' })

  // A new device with the recovery key has only the new key.
  const fresh = await reopen(place)
  const newcomer = createSealer({ keys: keysOf(fresh), room })
  expect(await newcomer.open(alice, after.bytes)).toMatchObject({ type: 'opened' })
})

test('[V17, V25] the old master key and the old slot open nothing of the new bytes', async () => {
  const { laptop, place, phoneSlot, thief } = await lostPhone()
  const oldFile = decodeVaultFile(thief.copy)
  if (oldFile === undefined) throw new Error('expected a vault')
  const keys = await deriveSlotKeys(thief.secret, { vaultId: oldFile.id, id: phoneSlot.id })
  const slot = { id: phoneSlot.id, keys }
  const { masterKey } = await openSnapshot(thief.copy, oldFile, slot)
  const readWith = async (bytes: Uint8Array) => {
    const file = decodeVaultFile(bytes)
    if (file === undefined) throw new Error('expected a vault')
    const info = concatBytes(label('conclave/1 vault contents\0'), file.id)
    const key = await deriveSealingKey(masterKey, { salt: file.salt, info })
    return openSealed(key, file.sealed, concatBytes(label('conclave/1 vault\0'), file.head))
  }
  expect(textOf(await readWith(thief.copy))).toContain('rooms/1')
  await laptop.set('b', utf8('written while the thief has the key'))
  expect(textOf(await readWith(await storedBytes(place.storage)))).toContain('while the thief')
  await laptop.revoke([phoneSlot.id])
  await laptop.set('c', utf8('afterwards'))
  const bytes = await storedBytes(place.storage)
  expect(await readWith(bytes)).toBeUndefined()
  const newFile = decodeVaultFile(bytes)
  if (newFile === undefined) throw new Error('expected a vault')
  expect(await codeOf(openSnapshot(bytes, newFile, slot))).toBe('ERR_VAULT_NO_SLOT')
  // The old slot, put back among the new bytes, opens nothing either.
  const oldSlot = oldFile.slots.find(({ id }) => id === phoneSlot.id)
  if (oldSlot === undefined) throw new Error('expected a slot')
  const mixed = { ...newFile, slots: [...newFile.slots, oldSlot] }
  expect(await codeOf(openSnapshot(bytes, mixed, slot))).toBe('ERR_VAULT_OPEN_FAILED')
})

test('[V25] revoking is one write: slots, entries and master key change together or not at all', async () => {
  const { laptop, place, phoneSlot } = await lostPhone()
  const before = laptop.version
  const unknown = laptop.revoke([phoneSlot.id, 'AAAAAAAAAAAAAAAAAAAAAA' as typeof phoneSlot.id], {
    entries: { a: utf8('1') },
  })
  expect(await codeOf(unknown)).toBe('ERR_VAULT_NO_SLOT')
  expect(laptop.version).toBe(before)
  await laptop.revoke([phoneSlot.id], { entries: { a: utf8('1'), 'rooms/1': undefined } })
  const again = await reopen(place)
  expect([again.version, again.generation, again.list()]).toEqual([before + 1, 2, ['a']])
})

test('[V18, V25] removing the slot that a device went over to shuts out the device', async () => {
  const { vault: first, ...place } = await newVault()
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  const add = async (use: boolean) =>
    first.addSlot({ type: 'passkey', passkey: await passkeys.register({ user }) }, { use })
  const [own] = [await add(true), await add(false)]
  expect(own.inUse).toBe(true)
  expect(first.slots().map(({ inUse }) => inUse)).toEqual([false, true, false])
  const other = await reopen(place)
  await other.rotate()
  await first.refresh()
  await other.revoke([own.id])
  expect(await codeOf(first.refresh())).toBe('ERR_VAULT_NO_SLOT')
})

test('[V16, V25] replacing the recovery key shuts out a device that has the vault open with it', async () => {
  const { vault: lost, ...place } = await newVault()
  const other = await reopen(place)
  await other.revoke([])
  await lost.refresh()
  const key = generateRecoveryKey()
  await other.replaceSlot(slotOf(other, 'recovery-key'), { type: 'recovery-key', key })
  expect(await codeOf(lost.refresh())).toBe('ERR_VAULT_NO_SLOT')
  expect((await reopen({ ...place, recovery: key })).version).toBe(3)
})

test('[V27] an export opens with the slots that it had, in a storage without content', async () => {
  const { laptop, place, thief } = await lostPhone()
  const bytes = laptop.export()
  expect(bytes).toEqual(await storedBytes(place.storage))
  const { pin } = laptop
  await laptop.set('a', utf8('later'))
  const credential = { type: 'recovery-key', key: place.recovery } as const
  const over = restoreVault({ storage: place.storage, bytes, with: credential, pin: 'none' })
  expect(await codeOf(over)).toBe('ERR_VAULT_EXISTS')
  const late = restoreVault({ storage: place.storage, bytes, with: credential, pin: laptop.pin })
  expect(await codeOf(late)).toBe('ERR_VAULT_ROLLED_BACK')
  await place.storage.remove()
  const broken = restoreVault({ ...place, bytes: bytes.subarray(1), with: credential, pin: 'none' })
  expect(await codeOf(broken)).toBe('ERR_VAULT_MALFORMED')
  expect(await place.storage.read()).toBeUndefined()
  const restored = await restoreVault({ ...place, bytes, with: credential, pin })
  await restored.set('b', utf8('on'))
  expect((await reopen(place)).list()).toEqual(['b', 'rooms/1'])
  expect(thief.session.version).toBe(restored.version - 1)
})
