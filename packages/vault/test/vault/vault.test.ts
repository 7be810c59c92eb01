import { isCryptoError } from '@conclave/crypto/errors'
import { createMemoryStorage, createVault, MAX_ENTRY_BYTES, openVault } from '@conclave/vault'
import type { VaultStorage } from '@conclave/vault'
import { expect, test } from 'vitest'
import { codeOf, failureOf, newVault, reopen, storedBytes, textOf, utf8 } from '../fixtures.ts'

test('[V1] entries are there when the vault is opened again', async () => {
  const { vault, ...place } = await newVault()
  expect(vault.version).toBe(1)
  await vault.set('rooms/1', utf8('one'))
  await vault.set('identity', utf8('me'))
  expect(vault.version).toBe(3)
  const again = await reopen(place)
  expect(again.id).toBe(vault.id)
  expect(again.list()).toEqual(['identity', 'rooms/1'])
  expect(textOf(again.get('rooms/1'))).toBe('one')
  expect(again.get('rooms/2')).toBeUndefined()
  await again.delete('rooms/1')
  expect((await reopen(place)).list()).toEqual(['identity'])
})

test('[V3] two states of a vault share no key: equal entries have different bytes', async () => {
  const { vault, storage } = await newVault()
  await vault.set('a', utf8('same'))
  const first = await storedBytes(storage)
  await vault.set('a', utf8('same'))
  const second = await storedBytes(storage)
  expect(second.length).toBe(first.length)
  expect(second.subarray(-1024)).not.toEqual(first.subarray(-1024))
})

test('[V4] stored bytes show neither names, nor values, nor the number of entries', async () => {
  const { vault, storage } = await newVault()
  const empty = (await storedBytes(storage)).length
  await vault.set('canary-name', utf8('canary-value'))
  const bytes = await storedBytes(storage)
  expect(textOf(bytes)).not.toContain('canary')
  expect(bytes.length).toBe(empty)
})

test('[V4] a value is copied when it is set and when it is read', async () => {
  const { vault } = await newVault()
  const value = utf8('value')
  const set = vault.set('a', value)
  value.fill(0)
  await set
  vault.get('a')?.fill(0)
  expect(textOf(vault.get('a'))).toBe('value')
})

test('[V4] names and values have bounds', async () => {
  const { vault, ...place } = await newVault()
  await vault.set('n'.repeat(255), new Uint8Array(MAX_ENTRY_BYTES))
  await vault.set('__proto__', utf8('an entry like others'))
  const tooLong = new Uint8Array(MAX_ENTRY_BYTES + 1)
  expect((await failureOf(vault.set('a', tooLong))).details).toEqual({
    limit: 'entry',
    max: MAX_ENTRY_BYTES,
  })
  const wrong = [
    ...['', 'n'.repeat(256), '\ud800'].map((name) => ({ name, error: RangeError })),
    { name: 7 as unknown as string, error: TypeError },
  ]
  for (const { name, error } of wrong) {
    await expect(vault.set(name, utf8(''))).rejects.toThrow(error)
    await expect(vault.delete(name)).rejects.toThrow(error)
    expect(() => vault.get(name)).toThrow(error)
  }
  await expect(vault.set('a', 'text' as unknown as Uint8Array)).rejects.toThrow(TypeError)
  const again = await reopen(place)
  expect(again.get('n'.repeat(255))?.length).toBe(MAX_ENTRY_BYTES)
  expect(textOf(again.get('__proto__'))).toBe('an entry like others')
})

test('[V4] a vault has at most 4,096 entries', async () => {
  const { vault } = await newVault()
  const names = Array.from({ length: 4_096 }, (_, at) => `entry ${at}`)
  await vault.update(Object.fromEntries(names.map((name) => [name, utf8(name)])))
  expect((await failureOf(vault.set('one more', utf8('')))).details).toMatchObject({
    limit: 'entries',
  })
  await vault.update({ 'entry 0': undefined, 'one more': utf8('') })
  expect(vault.list()).toHaveLength(4_096)
})

test('[V1] a vault that would exceed 4 MiB is not written', async () => {
  const { vault, ...place } = await newVault()
  const value = new Uint8Array(MAX_ENTRY_BYTES)
  const names = Array.from({ length: 64 }, (_, at) => `entry ${at}`)
  const tooMuch = vault.update(Object.fromEntries(names.map((name) => [name, value])))
  expect((await failureOf(tooMuch)).details).toEqual({ limit: 'vault', max: 4_194_304 })
  await vault.update(Object.fromEntries(names.slice(1).map((name) => [name, value])))
  expect((await reopen(place)).list()).toHaveLength(63)
})

test('[V15] several entries change in one write, or none does', async () => {
  const { vault, storage } = await newVault()
  await vault.update({ a: utf8('1'), b: utf8('2') })
  expect(vault.version).toBe(2)
  const before = await storedBytes(storage)
  await expect(vault.update({ a: undefined, ['']: utf8('3') })).rejects.toThrow(RangeError)
  expect(await storedBytes(storage)).toEqual(before)
  await vault.update({ a: undefined, c: utf8('3') })
  expect(vault.list()).toEqual(['b', 'c'])
})

test('[V15] a new vault is written only to a storage without content', async () => {
  const { storage, recovery } = await newVault()
  const before = await storedBytes(storage)
  expect(await codeOf(createVault({ storage, recovery, pin: 'none' }))).toBe('ERR_VAULT_EXISTS')
  expect(await storedBytes(storage)).toEqual(before)
})

test('[V15] two devices that write at the same time lose nothing', async () => {
  const { vault: one, ...place } = await newVault()
  const other = await reopen(place)
  const writes = Array.from({ length: 8 }, (_, at) => [
    one.set(`one ${at}`, utf8('1')),
    other.set(`other ${at}`, utf8('2')),
  ])
  await Promise.all(writes.flat())
  const again = await reopen(place)
  expect(again.list()).toHaveLength(16)
  expect(again.version).toBe(17)
  await Promise.all([one.refresh(), other.refresh()])
  expect(one.pin).toEqual(other.pin)
})

test('[V15] a device that always loses to other writers fails, and changes nothing', async () => {
  const place = await newVault()
  const other = await reopen(place)
  let writes = 0
  const busy: VaultStorage = {
    ...place.storage,
    write: async (bytes, expected) => {
      writes += 1
      await other.set('busy', utf8(String(writes)))
      return place.storage.write(bytes, expected)
    },
  }
  const vault = await reopen({ ...place, storage: busy })
  expect(await codeOf(vault.set('a', utf8('1')))).toBe('ERR_VAULT_CONFLICT')
  expect(writes).toBe(16)
  expect((await reopen(place)).list()).toEqual(['busy'])
})

test('[V15] at most 256 changes wait', async () => {
  const { vault } = await newVault()
  const changes = Array.from({ length: 300 }, (_, at) => vault.set('a', utf8(String(at))))
  const outcomes = await Promise.allSettled(changes)
  const refused = outcomes.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(44)
  expect(await codeOf(changes[299] ?? Promise.resolve())).toBe('ERR_VAULT_BUSY')
  expect(textOf(vault.get('a'))).toBe('255')
})

test('[V15, V23] the storage’s error is the cause, and the vault recovers from a write of unknown outcome', async () => {
  const place = await newVault()
  const failure = new Error('disk full')
  let failing: 'before' | 'after' | undefined
  const storage: VaultStorage = {
    ...place.storage,
    write: async (bytes, expected) => {
      if (failing === 'before') throw failure
      const version = await place.storage.write(bytes, expected)
      if (failing === 'after') throw failure
      return version
    },
  }
  const vault = await reopen({ ...place, storage })
  failing = 'before'
  const error = await failureOf(vault.set('a', utf8('1')))
  expect([error.code, error.cause]).toEqual(['ERR_VAULT_STORAGE_FAILED', failure])
  expect(vault.get('a')).toBeUndefined()
  failing = 'after'
  expect(await codeOf(vault.set('b', utf8('2')))).toBe('ERR_VAULT_STORAGE_FAILED')
  failing = undefined
  await vault.set('c', utf8('3'))
  expect(vault.list()).toEqual(['b', 'c'])
})

test('[V18] a device adopts the state that another one wrote', async () => {
  const { vault: one, ...place } = await newVault()
  const other = await reopen(place)
  await one.set('a', utf8('1'))
  expect(other.get('a')).toBeUndefined()
  expect(await other.refresh()).toBe(true)
  expect(textOf(other.get('a'))).toBe('1')
  expect(await other.refresh()).toBe(false)
})

test('[V26] closing waits for changes, overwrites entries and is final', async () => {
  const { vault, ...place } = await newVault()
  const set = vault.set('a', utf8('1'))
  const closed = vault.close()
  await Promise.all([set, closed, vault.close()])
  const calls: (() => unknown)[] = [
    () => vault.get('a'),
    () => vault.list(),
    () => vault.slots(),
    () => vault.export(),
    () => vault.set('a', utf8('2')),
    () => vault.rotate(),
    () => vault.refresh(),
    () => vault.revoke([]),
  ]
  for (const call of calls) expect(await codeOf(call)).toBe('ERR_VAULT_CLOSED')
  expect(textOf((await reopen(place)).get('a'))).toBe('1')
})

test('[V13] an empty storage holds no vault', async () => {
  const { recovery } = await newVault()
  const opened = openVault({
    storage: createMemoryStorage(),
    with: { type: 'recovery-key', key: recovery },
    pin: 'none',
  })
  expect(await codeOf(opened)).toBe('ERR_VAULT_NOT_FOUND')
})

test('[V4, V25] wrong arguments are named when they are given', async () => {
  const { vault } = await newVault()
  await expect(vault.update(7 as never)).rejects.toThrow('"changes" expected')
  await expect(vault.update({ a: 'text' as never })).rejects.toThrow('"changes" expected')
  await expect(vault.revoke(undefined as never)).rejects.toThrow('"slots" expected')
  await expect(vault.revoke([], { entries: null as never })).rejects.toThrow('"entries" expected')
  expect(vault.version).toBe(1)
})

test('[V1] a platform without WebCrypto reports it', async () => {
  const { storage, recovery } = await newVault()
  const original = Object.getOwnPropertyDescriptor(globalThis, 'crypto')
  const insecure = { getRandomValues: crypto.getRandomValues.bind(crypto) }
  Object.defineProperty(globalThis, 'crypto', { value: insecure, configurable: true })
  try {
    const opening = openVault({
      storage,
      with: { type: 'recovery-key', key: recovery },
      pin: 'none',
    })
    const error: unknown = await opening.catch((thrown: unknown) => thrown)
    expect(isCryptoError(error)).toBe(true)
    expect(error).toMatchObject({ details: { feature: 'WebCrypto' } })
  } finally {
    if (original !== undefined) Object.defineProperty(globalThis, 'crypto', original)
  }
})
