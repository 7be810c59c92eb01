import { createMemoryStorage, createVault, generateRecoveryKey, openVault } from '@conclave/vault'
import type { PinOption, RecoveryKey, VaultPin, VaultStorage } from '@conclave/vault'
import { describe, expect, test } from 'vitest'
import {
  codeOf,
  failureOf,
  overwrite,
  reopen,
  storageOf,
  storedBytes,
  textOf,
  utf8,
} from '../fixtures.ts'

const open = (storage: VaultStorage, recovery: RecoveryKey, pin: PinOption) =>
  openVault({ storage, with: { type: 'recovery-key', key: recovery }, pin })

/** A vault and the place of the pin of the device that made it. */
async function newDevice() {
  const [storage, pins, recovery] = [
    createMemoryStorage(),
    createMemoryStorage(),
    generateRecoveryKey(),
  ]
  const vault = await createVault({ storage, recovery, pin: pins })
  return { vault, storage, pins, recovery }
}

async function keptPin(pins: VaultStorage): Promise<VaultPin> {
  return JSON.parse(textOf(await storedBytes(pins)) ?? '') as VaultPin
}

describe('a device that keeps its pin', () => {
  test('[V19, V30] notices an older state, and nobody had to keep anything', async () => {
    const { vault, storage, pins, recovery } = await newDevice()
    await vault.set('a', utf8('1'))
    const old = await storedBytes(storage)
    await vault.delete('a')
    await overwrite(storage, old)
    expect((await failureOf(open(storage, recovery, pins))).details).toMatchObject({
      reason: 'older',
    })
    expect((await open(storage, recovery, 'none')).list()).toEqual(['a'])
  })

  test('[V30] keeps the newest one after opening, changing, refreshing and hearing', async () => {
    const { vault, storage, pins, recovery } = await newDevice()
    expect(await keptPin(pins)).toEqual(vault.pin)
    const other = createMemoryStorage()
    const elsewhere = await open(storage, recovery, other)
    expect(await keptPin(other)).toEqual(elsewhere.pin)
    await elsewhere.set('a', utf8('1'))
    expect(await keptPin(other)).toEqual(elsewhere.pin)
    await vault.refresh()
    expect(await keptPin(pins)).toEqual(vault.pin)
    await elsewhere.rotate()
    await vault.hear(elsewhere.notice)
    expect(await keptPin(pins)).toMatchObject({ version: 2, generation: 2 })
    expect(await keptPin(pins)).toEqual(vault.pin)
  })

  test('[V29, V30] remembers for good that the vault was rotated apart', async () => {
    const { vault, storage, pins, recovery } = await newDevice()
    const branch = await reopen({ storage: await storageOf(await storedBytes(storage)), recovery })
    await branch.rotate()
    await vault.rotate()
    expect(await vault.hear(branch.notice)).toBe('forked')
    const later = await reopen({ storage, recovery })
    await later.rotate()
    expect(await codeOf(open(storage, recovery, pins))).toBe('ERR_VAULT_ROLLED_BACK')
  })

  test('[V30] refuses another vault in the place of its pin, until it makes one itself', async () => {
    const { pins, recovery } = await newDevice()
    const storage = createMemoryStorage()
    await createVault({ storage, recovery, pin: 'none' })
    const error = await failureOf(open(storage, recovery, pins))
    expect(error.details).toMatchObject({ reason: 'other-history' })
    const own = createMemoryStorage()
    const made = await createVault({ storage: own, recovery, pin: pins })
    expect((await open(own, recovery, pins)).id).toBe(made.id)
  })

  test('[V30] takes nothing that is no pin for one, and does not write over it', async () => {
    const { storage, recovery } = await newDevice()
    const stranger = await storageOf(utf8('{"vault":"x"}'))
    const error = await failureOf(open(storage, recovery, stranger))
    expect(error.code).toBe('ERR_VAULT_STORAGE_FAILED')
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(textOf(await storedBytes(stranger))).toBe('{"vault":"x"}')
    const empty = createMemoryStorage()
    const made = createVault({ storage: empty, recovery, pin: stranger })
    expect(await codeOf(made)).toBe('ERR_VAULT_STORAGE_FAILED')
    expect(await empty.read()).toBeUndefined()
  })

  test('[V30] is told when the place of its pin fails, whichever call needs it', async () => {
    const { storage, recovery } = await newDevice()
    const broken = createMemoryStorage()
    const opened = await open(storage, recovery, broken)
    broken.write = async () => {
      throw new Error('disk full')
    }
    expect(await codeOf(opened.set('a', utf8('1')))).toBe('ERR_VAULT_STORAGE_FAILED')
    expect(textOf((await reopen({ storage, recovery })).get('a'))).toBe('1')
    expect(await codeOf(open(storage, recovery, broken))).toBe('ERR_VAULT_STORAGE_FAILED')
  })
})

describe('pages of one device', () => {
  test('[V30] never put the pin back', async () => {
    const { vault, storage, pins, recovery } = await newDevice()
    const page = await open(storage, recovery, pins)
    expect(page.pin.device).toBe(vault.pin.device)
    await vault.set('a', utf8('1'))
    await page.hear(page.notice)
    expect(await keptPin(pins)).toEqual(vault.pin)
    await page.set('b', utf8('2'))
    expect(await keptPin(pins)).toMatchObject({ version: 3, wrote: { version: 3 } })
  })

  test('[V30] that are shown two states of one version notice it', async () => {
    const { vault, storage, pins, recovery } = await newDevice()
    const page = await open(await storageOf(await storedBytes(storage)), recovery, pins)
    await vault.set('a', utf8('1'))
    const error = await failureOf(page.set('a', utf8('2')))
    expect(error.details).toEqual({ reason: 'other-history', version: 2, expectedVersion: 2 })
  })

  test('[V30] may write between each other’s readings of the vault and of the pin', async () => {
    const { vault, storage, pins, recovery } = await newDevice()
    let writes = 0
    const slow: VaultStorage = {
      ...storage,
      read: async () => {
        const stored = await storage.read()
        writes += 1
        if (writes === 1) await vault.set('a', utf8('written meanwhile'))
        return stored
      },
    }
    expect(textOf((await open(slow, recovery, pins)).get('a'))).toBe('written meanwhile')
  })
})

test('[V30] a pin is asked for by name where there is no default, and is never the vault itself', async () => {
  const { storage, recovery } = await newDevice()
  const credential = { type: 'recovery-key', key: recovery } as const
  const { indexedDB: original } = globalThis as { indexedDB?: unknown }
  Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true })
  try {
    await expect(openVault({ storage, with: credential })).rejects.toThrow('"pin" expected')
    const made = createVault({ storage: createMemoryStorage(), recovery })
    await expect(made).rejects.toThrow('"pin" expected a storage for it')
  } finally {
    Object.defineProperty(globalThis, 'indexedDB', { value: original, configurable: true })
  }
  for (const pin of [null, 7, 'nothing', {}, { read: async () => undefined }]) {
    await expect(open(storage, recovery, pin as never)).rejects.toThrow('"pin" expected')
  }
  await expect(open(storage, recovery, storage)).rejects.toThrow('"pin" expected another storage')
})

describe('a write that was undone', () => {
  /** A device that wrote, and a branch of the state before in which others write. */
  async function undone() {
    const { vault, storage, pins, recovery } = await newDevice()
    await vault.set('a', utf8('1'))
    const branch = await storageOf(await storedBytes(storage))
    await vault.set('a', utf8('2'))
    return { vault, storage, pins, recovery, branch }
  }

  test.each([1, 64, 65, 70, 200])(
    '[V20] is noticed by the device that made it, %d versions later',
    async (count) => {
      const { vault, storage, pins, recovery, branch } = await undone()
      const other = await open(branch, recovery, createMemoryStorage())
      for (let left = count; left > 0; left -= 1) await other.set('b', Uint8Array.of(left))
      expect((await failureOf(open(branch, recovery, pins))).details).toMatchObject({
        reason: 'other-history',
      })
      // Open all the while, and shown the branch.
      await overwrite(storage, await storedBytes(branch))
      expect(await codeOf(vault.refresh())).toBe('ERR_VAULT_ROLLED_BACK')
    },
  )

  test('[V20] is noticed also when the device has read later states since', async () => {
    const { vault, storage, pins, recovery } = await newDevice()
    const before = await storageOf(await storedBytes(storage))
    await vault.set('a', utf8('2'))
    const other = await open(storage, recovery, createMemoryStorage())
    await other.set('b', utf8('read, and not written, by the device'))
    await vault.refresh()
    expect((await keptPin(pins)).wrote?.version).toBe(2)
    const branch = await open(before, recovery, createMemoryStorage())
    for (let left = 80; left > 0; left -= 1) await branch.set('b', Uint8Array.of(left))
    expect(await codeOf(open(before, recovery, pins))).toBe('ERR_VAULT_ROLLED_BACK')
  })

  test('[V20] is noticed by a device that only read it, 80 versions later', async () => {
    const { vault, storage, recovery, branch } = await undone()
    const reading = createMemoryStorage()
    const reader = await open(storage, recovery, reading)
    expect(reader.pin.writer).toBe(vault.pin.device)
    const other = await open(branch, recovery, createMemoryStorage())
    for (let left = 80; left > 0; left -= 1) await other.set('b', Uint8Array.of(left))
    expect(await codeOf(open(branch, recovery, reading))).toBe('ERR_VAULT_ROLLED_BACK')
    await overwrite(storage, await storedBytes(branch))
    expect(await codeOf(reader.refresh())).toBe('ERR_VAULT_ROLLED_BACK')
  })

  test('[V20] is not noticed so long after by a reader if its writer keeps no pin', async () => {
    const { storage, recovery, branch } = await undone()
    await (await open(storage, recovery, 'none')).set('a', utf8('3'))
    const reading = createMemoryStorage()
    await open(storage, recovery, reading)
    const other = await open(branch, recovery, createMemoryStorage())
    for (let left = 80; left > 0; left -= 1) await other.set('b', Uint8Array.of(left))
    expect((await open(branch, recovery, reading)).version).toBe(82)
  })

  test('[V20] no later state of the true line is taken for one', async () => {
    const { storage, pins, recovery } = await undone()
    const other = await open(storage, recovery, createMemoryStorage())
    for (let left = 150; left > 0; left -= 1) await other.set('b', Uint8Array.of(left))
    const again = await open(storage, recovery, pins)
    await again.set('a', utf8('3'))
    expect((await open(storage, recovery, pins)).version).toBe(154)
  })

  test('[V20] may pass once 64 other devices have written, and not before', async () => {
    const { storage, pins, recovery, branch } = await undone()
    const write = async (place: VaultStorage, devices: number) => {
      for (let left = devices; left > 0; left -= 1) {
        const device = await open(place, recovery, createMemoryStorage())
        await device.set('b', Uint8Array.of(left))
      }
    }
    // The last of them is not among the last writes yet, and the first wrote the version that was undone.
    await write(branch, 65)
    expect(await codeOf(open(branch, recovery, pins))).toBe('ERR_VAULT_ROLLED_BACK')
    await write(branch, 1)
    expect((await open(branch, recovery, pins)).version).toBe(68)
    await write(storage, 66)
    await open(storage, recovery, createMemoryStorage())
  })

  test('[V20] devices that keep no pin take no place among the last writes', async () => {
    const { storage, pins, recovery } = await undone()
    for (let left = 70; left > 0; left -= 1) {
      await (await open(storage, recovery, 'none')).set('b', Uint8Array.of(left))
    }
    const again = await open(storage, recovery, pins)
    expect(again.pin.wrote?.version).toBe(3)
  })
})
