import { ARGON2ID, openVault, PBKDF2 } from '@conclave/vault'
import type { PassphraseKdf } from '@conclave/vault'
import { expect, test } from 'vitest'
import {
  checkPassphrase,
  choosePassphraseKdf,
  isPassphraseKdf,
  passphraseToBytes,
  stretchPassphrase,
} from '../src/passphrase-kdf.ts'
import { codeOf, newVault, PASSPHRASE, QUICK } from './fixtures.ts'

test('[V10] the default is Argon2id with 64 MiB, three passes and one lane', async () => {
  const { vault, storage } = await newVault()
  const slot = await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE })
  expect(slot.kdf).toEqual({
    type: 'argon2id',
    memoryKiB: 65_536,
    iterations: 3,
    parallelism: 1,
  })
  expect(choosePassphraseKdf()).toEqual(ARGON2ID)
  const opened = await openVault({
    storage,
    with: { type: 'passphrase', passphrase: PASSPHRASE },
  })
  expect(opened.slots()[1]?.kdf).toEqual(ARGON2ID)
})

test('[V10] PBKDF2 with 1,200,000 rounds where WebAssembly may not run', async () => {
  const { vault, storage } = await newVault()
  await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: PBKDF2 })
  const opened = await openVault({
    storage,
    with: { type: 'passphrase', passphrase: PASSPHRASE },
  })
  expect(opened.slots()[1]?.kdf).toEqual({ type: 'pbkdf2-sha256', iterations: 1_200_000 })
})

test('[V10] without WebAssembly the choice is PBKDF2', () => {
  const { WebAssembly: original } = globalThis
  Object.defineProperty(globalThis, 'WebAssembly', { value: undefined, configurable: true })
  try {
    expect(choosePassphraseKdf()).toEqual(PBKDF2)
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', { value: original, configurable: true })
  }
})

test('[V10] costs have bounds, from below and from above', () => {
  const argon2id = { type: 'argon2id', memoryKiB: 65_536, iterations: 3, parallelism: 1 } as const
  const allowed: PassphraseKdf[] = [
    ...[ARGON2ID, PBKDF2, QUICK],
    { ...argon2id, memoryKiB: 38_912, iterations: 1 },
    { ...argon2id, memoryKiB: 262_144, iterations: 16, parallelism: 4 },
    { type: 'pbkdf2-sha256', iterations: 600_000 },
    { type: 'pbkdf2-sha256', iterations: 10_000_000 },
  ]
  for (const kdf of allowed) expect(isPassphraseKdf(kdf)).toBe(true)
  const refused = [
    { ...argon2id, memoryKiB: 19_455 },
    { ...argon2id, memoryKiB: 38_911, iterations: 1 },
    { ...argon2id, memoryKiB: 262_145 },
    { ...argon2id, iterations: 0 },
    { ...argon2id, iterations: 17 },
    { ...argon2id, iterations: 2.5 },
    { ...argon2id, parallelism: 0 },
    { ...argon2id, parallelism: 5 },
    { type: 'pbkdf2-sha256', iterations: 599_999 },
    { type: 'pbkdf2-sha256', iterations: 10_000_001 },
    { type: 'pbkdf2-sha256', iterations: Number.NaN },
    { type: 'scrypt', iterations: 1_200_000 },
  ] as PassphraseKdf[]
  for (const kdf of refused) expect(isPassphraseKdf(kdf)).toBe(false)
})

test('[V10] composed and decomposed characters are one passphrase', () => {
  const composed = passphraseToBytes('p\u00e4sswort mit \u00fc')
  expect(passphraseToBytes('pa\u0308sswort mit u\u0308')).toEqual(composed)
  expect(passphraseToBytes(' with spaces ').length).toBe(13)
})

test('[V10] a passphrase that cannot be one is a mistake of the caller', () => {
  for (const value of [undefined, 7, 'x'.repeat(1_025), 'lone \ud800 surrogate'])
    expect(() => passphraseToBytes(value)).toThrow(TypeError)
})

test('[V14] the bytes of a passphrase are overwritten when they are used', async () => {
  const bytes = passphraseToBytes(PASSPHRASE)
  await stretchPassphrase(bytes, { salt: new Uint8Array(16), kdf: QUICK })
  expect(bytes.every((byte) => byte === 0)).toBe(true)
})

test('[V11] what anybody would guess is refused', async () => {
  const weak = [
    '',
    'short',
    'aaaaaaaaaaaaaaaa',
    'ababababababab',
    '          a         ',
    'Aa1!Aa1!Aa1!',
  ]
  for (const passphrase of weak) {
    expect(await codeOf(() => checkPassphrase(passphrase))).toBe('ERR_VAULT_WEAK_PASSPHRASE')
  }
  const { vault } = await newVault()
  const added = vault.addSlot({ type: 'passphrase', passphrase: 'password', kdf: QUICK })
  expect(await codeOf(added)).toBe('ERR_VAULT_WEAK_PASSPHRASE')
  checkPassphrase(PASSPHRASE)
  checkPassphrase('密码短语必须足够长才能安全')
})
