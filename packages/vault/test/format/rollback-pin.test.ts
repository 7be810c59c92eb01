import { openVault } from '@conclave/vault'
import type { VaultPin } from '@conclave/vault'
import { expect, test } from 'vitest'
import { sealNext } from '../../src/format/seal-snapshot.ts'
import { checkStored, openSnapshot } from '../../src/format/snapshot.ts'
import { deriveSlotKeys } from '../../src/slots/slot-key.ts'
import {
  failureOf,
  codeOf,
  newVault,
  overwrite,
  PASSPHRASE,
  QUICK,
  reopen,
  slotOf,
  storageOf,
  storedBytes,
  textOf,
  utf8,
} from '../fixtures.ts'
import type { NewVault } from '../fixtures.ts'

const openPinned = (place: Omit<NewVault, 'vault'>, pin: VaultPin) =>
  openVault({ ...place, with: { type: 'recovery-key', key: place.recovery }, pin })

test('[V19] an older state is refused, by a pin, by a number, and by an open vault', async () => {
  const { vault, ...place } = await newVault()
  await vault.set('a', utf8('1'))
  const old = await storedBytes(place.storage)
  await vault.delete('a')
  const { pin } = vault
  await overwrite(place.storage, old)
  const error = await failureOf(openPinned(place, pin))
  expect([error.code, error.details]).toEqual([
    'ERR_VAULT_ROLLED_BACK',
    { reason: 'older', version: 2, expectedVersion: 3 },
  ])
  const credential = { type: 'recovery-key', key: place.recovery } as const
  const numbered = openVault({ ...place, with: credential, minVersion: 3, pin: 'none' })
  expect((await failureOf(numbered)).details).toMatchObject({ reason: 'older' })
  expect(await codeOf(vault.refresh())).toBe('ERR_VAULT_ROLLED_BACK')
  expect(await codeOf(vault.set('b', utf8('2')))).toBe('ERR_VAULT_ROLLED_BACK')
  await openVault({ ...place, with: credential, minVersion: 2, pin: 'none' })
})

test('[V22] without a pin an older state opens like the current one', async () => {
  const { vault, ...place } = await newVault()
  await vault.set('a', utf8('1'))
  const old = await storedBytes(place.storage)
  await vault.delete('a')
  await overwrite(place.storage, old)
  expect(textOf((await reopen(place)).get('a'))).toBe('1')
})

test('[V19] a pin opens its own state and later ones, also after JSON', async () => {
  const { vault, ...place } = await newVault()
  const pins: VaultPin[] = []
  for (let count = 0; count < 5; count += 1) {
    pins.push(JSON.parse(JSON.stringify(vault.pin)))
    await (count % 2 === 0 ? vault.set('a', utf8('1')) : vault.rotate())
  }
  for (const pin of [...pins, vault.pin]) {
    expect((await openPinned(place, pin)).pin).toMatchObject(vault.pin)
  }
})

test('[V19] another vault under the same recovery key is refused', async () => {
  const one = await newVault()
  const other = await newVault()
  const error = await failureOf(openPinned(other, one.vault.pin))
  expect(error.details).toMatchObject({ reason: 'other-history' })
})

test('[V20] two successors of one state are noticed when a device sees both', async () => {
  const { vault: one, ...place } = await newVault()
  const { recovery } = place
  // A storage that shows each device a different branch.
  const branch = await storageOf(await storedBytes(place.storage))
  const other = await reopen({ recovery, storage: branch })
  await one.set('a', utf8('1'))
  for (let count = 0; count < 3; count += 1) await other.set('b', utf8('2'))
  const [pinOfOne, pinOfOther] = [one.pin, other.pin]
  await overwrite(place.storage, await storedBytes(branch))
  expect((await failureOf(one.refresh())).details).toMatchObject({ reason: 'other-history' })
  expect(await codeOf(one.set('c', utf8('3')))).toBe('ERR_VAULT_ROLLED_BACK')
  expect(await codeOf(openPinned(place, pinOfOne))).toBe('ERR_VAULT_ROLLED_BACK')
  await openPinned(place, pinOfOther)
})

test('[V20] a history reaches 64 states back; beyond it the signer still counts', async () => {
  const { vault, ...place } = await newVault()
  const { pin } = vault
  for (let count = 0; count < 64; count += 1) await vault.set('a', utf8('1'))
  const wrong = { ...pin, digest: 'A'.repeat(43) }
  expect(await codeOf(openPinned(place, wrong))).toBe('ERR_VAULT_ROLLED_BACK')
  await openPinned(place, pin)
  await vault.set('a', utf8('1'))
  await openPinned(place, wrong)
  const otherSigner = { ...wrong, signer: 'A'.repeat(43) }
  expect(await codeOf(openPinned(place, otherSigner))).toBe('ERR_VAULT_ROLLED_BACK')
})

test('[V21] rotations are proven for 64 generations, and not beyond', async () => {
  const { vault, ...place } = await newVault()
  const { pin } = vault
  for (let count = 0; count < 64; count += 1) await vault.rotate()
  await openPinned(place, pin)
  await vault.rotate()
  expect(await codeOf(openPinned(place, pin))).toBe('ERR_VAULT_ROLLED_BACK')
})

test('[V21] a removed device cannot pass off a forged state', async () => {
  const { vault, ...place } = await newVault()
  const { id } = await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: QUICK })
  const oldPin = vault.pin
  // The thief knows a slot, and with it the master key; they keep a copy and go on from there.
  const copy = await storageOf(await storedBytes(place.storage))
  const thief = await openVault({
    storage: copy,
    with: { type: 'passphrase', passphrase: PASSPHRASE },
    pin: 'none',
  })
  await vault.removeSlot(id)
  const pin = vault.pin
  await thief.set('rooms/1', utf8('a key that the thief knows'))
  for (let count = 0; count < 3; count += 1) await thief.rotate()
  expect(thief.version).toBeGreaterThan(pin.version)
  expect(thief.generation).toBeGreaterThan(pin.generation)
  await overwrite(place.storage, await storedBytes(copy))
  expect((await failureOf(vault.refresh())).details).toMatchObject({ reason: 'other-history' })
  expect(await codeOf(openPinned(place, pin))).toBe('ERR_VAULT_ROLLED_BACK')
  // A device that has never seen the removal cannot know. spec V22
  expect((await openPinned(place, oldPin)).list()).toEqual(['rooms/1'])
})

test('[V21] a removed device that copies the history cannot sign for the new generation', async () => {
  const { vault, ...place } = await newVault()
  const secret = new Uint8Array(32).fill(7)
  const passkey = {
    ...{ credentialId: Uint8Array.of(1), rpId: 'example.org', salt: new Uint8Array(32) },
    output: new Uint8Array(secret),
  }
  const { id } = await vault.addSlot({ type: 'passkey', passkey })
  const { bytes, file } = checkStored(await storedBytes(place.storage))
  await vault.removeSlot(id)
  const pin = vault.pin
  const current = await storedBytes(place.storage)

  // The thief's state, dressed up as the successor of the one after the removal.
  const slot = { id, keys: await deriveSlotKeys(secret, { vaultId: file.id, id }) }
  const known = await openSnapshot(bytes, file, slot)
  const digestOf = async (data: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  const base = {
    ...known,
    file: { ...file, version: pin.version },
    digest: await digestOf(current),
    contents: { ...known.contents, history: [known.digest, ...known.contents.history] },
  }
  const slots = file.slots.map(({ id: each, parameters }, at) => {
    const secrets = known.contents.slots[at]
    if (secrets === undefined) throw new Error('expected the secrets of a slot')
    return { id: each, parameters, ...secrets }
  })
  const entries = new Map([['rooms/1', utf8('a key that the thief knows')]])
  const draft = { slots, entries, rotate: true }
  const sameGeneration = await sealNext(base, draft, { slot })
  const laterGeneration = await sealNext(sameGeneration, draft, { slot })
  expect(sameGeneration.file.generation).toBe(pin.generation)
  for (const forged of [sameGeneration, laterGeneration]) {
    await overwrite(place.storage, forged.bytes)
    expect((await reopen(place)).list()).toEqual(['rooms/1'])
    expect((await failureOf(openPinned(place, pin))).details).toMatchObject({
      reason: 'other-history',
    })
    expect(await codeOf(vault.refresh())).toBe('ERR_VAULT_ROLLED_BACK')
  }
})

test('[V21] a signature of another generation, vault or key proves nothing', async () => {
  const { vault, ...place } = await newVault()
  const stranger = await newVault()
  await vault.rotate()
  const { pin } = vault
  await vault.rotate()
  for (const wrong of [
    { ...pin, signer: stranger.vault.pin.signer },
    { ...pin, generation: 1 },
    { ...pin, generation: 3, signer: pin.signer },
    { ...pin, generation: 4 },
  ]) {
    expect(await codeOf(openPinned(place, wrong))).toBe('ERR_VAULT_ROLLED_BACK')
  }
})

test('[V19] a wrong pin is a TypeError', async () => {
  const { vault, ...place } = await newVault()
  const { pin } = vault
  const mistakes = [
    null,
    'pin',
    {},
    { ...pin, version: '1' },
    { ...pin, generation: 0 },
    { ...pin, digest: 'short' },
    { ...pin, signer: undefined },
    { ...pin, vault: `${pin.vault}=` },
  ] as unknown as VaultPin[]
  for (const mistake of mistakes) {
    await expect(openPinned(place, mistake)).rejects.toThrow(TypeError)
  }
  const credential = { type: 'recovery-key', key: place.recovery } as const
  const opened = openVault({ ...place, with: credential, minVersion: 1.5, pin: 'none' })
  await expect(opened).rejects.toThrow(RangeError)
})

test('[V19] refreshing from an emptied storage fails', async () => {
  const { vault, storage } = await newVault()
  await storage.remove()
  expect(await codeOf(vault.refresh())).toBe('ERR_VAULT_NOT_FOUND')
  expect(slotOf(vault, 'recovery-key')).toBeDefined()
})

test('[V19] a pin is read once, when the vault is opened, and later changes have no effect', async () => {
  const { vault, ...place } = await newVault()
  await vault.rotate()
  const { pin } = vault
  let asked = 0
  const changing = Object.defineProperty({ ...pin }, 'generation', {
    get: () => (asked++ === 0 ? pin.generation : Number.NEGATIVE_INFINITY),
  })
  expect((await openPinned(place, changing)).version).toBe(2)
  const given = { ...pin }
  const opening = openPinned(place, given)
  Object.assign(given, { version: 9 })
  expect((await opening).version).toBe(2)
})
