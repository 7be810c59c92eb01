import { isCryptoError } from '@conclave/crypto/errors'
import { stretchPassphrase } from '@conclave/e2ee/passphrase'
import { ARGON2ID, MIN_PASSPHRASE_BITS, openVault, PBKDF2 } from '@conclave/vault'
import type { PassphraseKdf } from '@conclave/vault'
import { expect, test } from 'vitest'
import { newPassphraseToBytes } from '../../src/slots/passphrase.ts'
import { failureOf, newVault, PASSPHRASE, QUICK } from '../fixtures.ts'

test('[V10] the default is Argon2id with 64 MiB, three passes and one lane', async () => {
  const { vault, storage } = await newVault()
  const slot = await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE })
  expect(slot.kdf).toEqual({
    type: 'argon2id',
    memoryKiB: 65_536,
    iterations: 3,
    parallelism: 1,
  })
  const opened = await openVault({
    storage,
    with: { type: 'passphrase', passphrase: PASSPHRASE },
    pin: 'none',
  })
  expect(opened.slots()[1]?.kdf).toEqual(ARGON2ID)
})

test('[V10] PBKDF2 with 1,200,000 rounds where WebAssembly may not run', async () => {
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: PBKDF2 })
  const opened = await openVault({
    storage,
    with: { type: 'passphrase', passphrase: PASSPHRASE },
    pin: 'none',
  })
  expect(opened.slots()[1]?.kdf).toEqual({ type: 'pbkdf2-sha256', iterations: 1_200_000 })
})

test('[V10] without WebAssembly a new slot gets PBKDF2', async () => {
  const { vault } = await newVault()
  const { WebAssembly: original } = globalThis
  Object.defineProperty(globalThis, 'WebAssembly', { value: undefined, configurable: true })
  try {
    const slot = await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE })
    expect(slot.kdf).toEqual(PBKDF2)
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', { value: original, configurable: true })
  }
})

test('[V10] costs outside of the bounds are not written', async () => {
  const { vault } = await newVault()
  for (const kdf of [
    { type: 'argon2id', memoryKiB: 19_455, iterations: 3, parallelism: 1 },
    { type: 'pbkdf2-sha256', iterations: 599_999 },
    { type: 'scrypt', iterations: 1_200_000 },
  ]) {
    const added = vault.addSlot({
      ...{ type: 'passphrase', passphrase: PASSPHRASE, kdf: kdf as PassphraseKdf },
    })
    await expect(added).rejects.toThrow(RangeError)
  }
})

test('[V10] a passphrase of a wrong type is a TypeError, and one of a wrong length or text a RangeError', async () => {
  const { vault } = await newVault()
  const add = (passphrase: unknown): Promise<unknown> =>
    vault.addSlot({ type: 'passphrase', passphrase: passphrase as string })
  for (const passphrase of [undefined, 7]) await expect(add(passphrase)).rejects.toThrow(TypeError)
  for (const passphrase of ['x'.repeat(1_025), 'lone \ud800 surrogate', 'a control \u0007']) {
    await expect(add(passphrase)).rejects.toThrow(RangeError)
  }
})

test('[V10, K36] a passphrase opens however it is typed', async () => {
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: QUICK })
  const typed = ` ${PASSPHRASE.replaceAll(' ', '\u00a0')}\r\n`
  const opened = await openVault({
    ...{ storage, with: { type: 'passphrase', passphrase: typed }, pin: 'none' },
  })
  expect(opened.id).toBe(vault.id)
})

test('[V10] a platform that cannot compute a slot’s function reports it', async () => {
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: QUICK })
  const { WebAssembly: original } = globalThis
  Object.defineProperty(globalThis, 'WebAssembly', { value: undefined, configurable: true })
  try {
    const opening = openVault({
      storage,
      with: { type: 'passphrase', passphrase: PASSPHRASE, createWorker: 'none' },
      pin: 'none',
    })
    const error: unknown = await opening.catch((thrown: unknown) => thrown)
    expect(isCryptoError(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
      details: { feature: 'Argon2id' },
    })
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', { value: original, configurable: true })
  }
})

test('[K49] a way to start a worker that is none is a mistake of the caller, and nothing is read or written', async () => {
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: QUICK })
  const slot = vault.slots().find(({ type }) => type === 'passphrase')
  if (slot === undefined) throw new Error('expected a slot')
  const unread = {
    ...storage,
    read: (): never => {
      throw new Error('read')
    },
  }
  for (const createWorker of [null, 'worker', {}] as never[]) {
    const credential = { type: 'passphrase', passphrase: PASSPHRASE, createWorker } as const
    const opening = openVault({ storage: unread, with: credential, pin: 'none' })
    await expect(opening).rejects.toThrow(/^"with.createWorker" expected function/)
    const replacing = vault.replaceSlot(slot.id, credential)
    await expect(replacing).rejects.toThrow(/^"slot.createWorker" expected function/)
  }
})

test('[V14] the bytes of a passphrase are overwritten when they are used', async () => {
  const bytes = newPassphraseToBytes(PASSPHRASE)
  await stretchPassphrase(bytes, { salt: new Uint8Array(16), kdf: QUICK })
  expect(bytes.every((byte) => byte === 0)).toBe(true)
})

test('[V11] a weak passphrase is refused with its strength', async () => {
  const { vault } = await newVault()
  for (const passphrase of ['', 'password', 'correct horse battery staple', 'Aa1!Aa1!Aa1!']) {
    const added = vault.addSlot({ type: 'passphrase', passphrase, kdf: QUICK })
    const error = await failureOf(added)
    expect(error.code).toBe('ERR_VAULT_WEAK_PASSPHRASE')
    expect(error.details).toMatchObject({ minBits: MIN_PASSPHRASE_BITS })
    const details = error.details as { readonly bits: number }
    expect(details.bits).toBeLessThan(MIN_PASSPHRASE_BITS)
  }
  expect(vault.slots()).toHaveLength(1)
})
