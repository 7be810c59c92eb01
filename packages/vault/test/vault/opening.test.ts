import {
  createMemoryStorage,
  createVault,
  generateRecoveryKey,
  inspectVault,
  openVault,
  restoreVault,
} from '@conclave/vault'
import type { VaultCredential, VaultStorage } from '@conclave/vault'
import { createSoftwarePasskeys } from '@conclave/vault/testing'
import { describe, expect, test } from 'vitest'
import { decodeVaultFile } from '../../src/format/vault-file.ts'
import {
  codeOf,
  failureOf,
  newVault,
  PASSPHRASE,
  QUICK,
  reopen,
  storageOf,
  storedBytes,
  utf8,
} from '../fixtures.ts'

const user = { name: 'alice', displayName: 'Alice' }

/** A vault with a slot of each type, and what opens it. */
async function fullVault() {
  const { vault, storage, recovery } = await newVault()
  const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
  await vault.addSlot({ type: 'passphrase', passphrase: PASSPHRASE, kdf: QUICK })
  await vault.addSlot({ type: 'passkey', passkey: await passkeys.register({ user }) })
  await vault.set('a', utf8('secret'))
  return { vault, storage, recovery, passkeys, bytes: await storedBytes(storage) }
}

describe('a wrong secret', () => {
  test('[V13] always gives the same error, without a cause and without details', async () => {
    const { storage, passkeys } = await fullVault()
    const liar = {
      evaluate: async (...args: Parameters<typeof passkeys.evaluate>) => ({
        ...(await passkeys.evaluate(...args)),
        output: new Uint8Array(32),
      }),
    }
    const wrong: VaultCredential[] = [
      { type: 'recovery-key', key: generateRecoveryKey() },
      { type: 'passphrase', passphrase: `${PASSPHRASE}.` },
      { type: 'passphrase', passphrase: '' },
      { type: 'passkey', passkeys: liar },
    ]
    for (const credential of wrong) {
      const error = await failureOf(openVault({ storage, with: credential, pin: 'none' }))
      expect(JSON.parse(JSON.stringify(error))).toEqual({
        name: 'VaultError',
        code: 'ERR_VAULT_OPEN_FAILED',
        message: 'the vault does not open',
      })
      expect(error.cause).toBeUndefined()
    }
  })

  test('[V13] of a type without a slot is reported with the type', async () => {
    const { storage } = await newVault()
    const passkeys = createSoftwarePasskeys({ rpId: 'example.org' })
    for (const credential of [
      { type: 'passphrase', passphrase: PASSPHRASE },
      { type: 'passkey', passkeys },
    ] as const) {
      const error = await failureOf(openVault({ storage, with: credential, pin: 'none' }))
      expect([error.code, error.details]).toEqual(['ERR_VAULT_NO_SLOT', { type: credential.type }])
    }
  })

  test('[V12, V13] a passkey that is missing on this device or unknown to the vault does not open it', async () => {
    const { storage, passkeys, vault } = await fullVault()
    const strange = {
      evaluate: async () => ({ credentialId: 'AAAA', output: new Uint8Array(32) }),
    }
    const opened = openVault({ storage, with: { type: 'passkey', passkeys: strange }, pin: 'none' })
    expect(await codeOf(opened)).toBe('ERR_VAULT_NO_SLOT')
    await passkeys.forget(vault.slots()[2]?.credentialId ?? '')
    const gone = openVault({ storage, with: { type: 'passkey', passkeys }, pin: 'none' })
    expect(await codeOf(gone)).toBe('ERR_VAULT_PASSKEY_REFUSED')
  })

  test('[V12] a passkey whose secret has another length is unsupported', async () => {
    const { storage, passkeys, vault } = await fullVault()
    const credentialId = vault.slots()[2]?.credentialId ?? ''
    for (const length of [0, 31, 33]) {
      const short = { evaluate: async () => ({ credentialId, output: new Uint8Array(length) }) }
      const opened = openVault({ storage, with: { type: 'passkey', passkeys: short }, pin: 'none' })
      expect(await codeOf(opened)).toBe('ERR_VAULT_UNSUPPORTED')
    }
    await openVault({ storage, with: { type: 'passkey', passkeys }, pin: 'none' })
  })

  test('[V13] a wrong credential is a TypeError', async () => {
    const { storage } = await newVault()
    const mistakes = [
      undefined,
      {},
      { type: 'pin' },
      { type: 'recovery-key', key: 'text' },
      { type: 'passphrase' },
      { type: 'passkey' },
    ] as unknown as VaultCredential[]
    for (const credential of mistakes) {
      await expect(openVault({ storage, with: credential, pin: 'none' })).rejects.toThrow(TypeError)
    }
    const none = { type: 'passphrase', passphrase: PASSPHRASE } as const
    for (const other of [undefined, {}, 'path'] as unknown as VaultStorage[]) {
      await expect(openVault({ storage: other, with: none, pin: 'none' })).rejects.toThrow(
        '"storage" expected',
      )
      const recovery = generateRecoveryKey()
      await expect(createVault({ storage: other, recovery, pin: 'none' })).rejects.toThrow(
        '"storage" expected',
      )
    }
    const noKey = createVault({ storage, recovery: 'key' as never, pin: 'none' })
    await expect(noKey).rejects.toThrow('"recovery" expected')
    for (const call of [createVault, openVault, restoreVault]) {
      await expect(call(undefined as never)).rejects.toThrow('"options" expected')
    }
  })
})

describe('wrong bytes', () => {
  test('[V2, V3, V6] bytes with one changed bit anywhere are malformed or do not open', async () => {
    const { bytes, recovery } = await fullVault()
    const clear = decodeVaultFile(bytes)?.head.length ?? 0
    const codes = new Set<string>()
    const places = [...Array(clear).keys(), clear, clear + 500, bytes.length - 1]
    for (const at of places) {
      const changed = new Uint8Array(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const code = await codeOf(reopen({ storage: await storageOf(changed), recovery }))
      expect(['ERR_VAULT_MALFORMED', 'ERR_VAULT_OPEN_FAILED', 'ERR_VAULT_NO_SLOT']).toContain(code)
      codes.add(code)
    }
    expect(codes.size).toBeGreaterThan(1)
  })

  test('[V6] an ephemeral key of small order does not open', async () => {
    const { bytes, recovery } = await fullVault()
    // The points of order 1 and 2, in the first slot: the secret shared under them is zero.
    for (const point of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))]) {
      const changed = new Uint8Array(bytes)
      changed.set(point, 72 + 20)
      const opened = reopen({ storage: await storageOf(changed), recovery })
      expect(await codeOf(opened)).toBe('ERR_VAULT_OPEN_FAILED')
    }
  })

  test('[V2, V3] bytes that are cut short anywhere or have a tail are malformed', async () => {
    const { bytes, recovery } = await fullVault()
    for (let length = 0; length < bytes.length; length += 7) {
      const storage = await storageOf(bytes.subarray(0, length))
      expect(await codeOf(reopen({ storage, recovery }))).toBe('ERR_VAULT_MALFORMED')
    }
    const storage = await storageOf(Uint8Array.of(...bytes, 0))
    expect(await codeOf(reopen({ storage, recovery }))).toBe('ERR_VAULT_MALFORMED')
  })

  test('[V3] a mix of slots and contents of two states does not open', async () => {
    const { vault, storage, recovery } = await newVault()
    await vault.set('a', utf8('1'))
    const one = await storedBytes(storage)
    await vault.set('a', utf8('2'))
    const other = await storedBytes(storage)
    // Head of one with contents of the other, and the head but for its version and salt.
    for (const end of [172, 72, 24]) {
      const mixed = Uint8Array.of(...one.subarray(0, end), ...other.subarray(end))
      const opened = reopen({ storage: await storageOf(mixed), recovery })
      expect(await codeOf(opened)).toBe('ERR_VAULT_OPEN_FAILED')
    }
  })

  test('[V2] values of other types and lengths in a storage are malformed', async () => {
    const { recovery } = await newVault()
    const others = [new Uint8Array(), new Uint8Array(5_000_000), 'text', 7, null, [1], {}]
    for (const bytes of others) {
      const storage: VaultStorage = {
        ...createMemoryStorage(),
        read: async () => ({ bytes: bytes as Uint8Array, version: '1' }),
      }
      expect(await codeOf(reopen({ storage, recovery }))).toBe('ERR_VAULT_MALFORMED')
    }
  })
})

test('[V2] stored bytes show which secrets open them, and no more', async () => {
  const { bytes, vault } = await fullVault()
  const { id, version, generation } = vault
  const shown = inspectVault(bytes)
  expect(shown).toMatchObject({ id, version, generation })
  const unsealed = (shown?.slots ?? []).map((slot) => ({ ...slot, label: '', inUse: false }))
  expect(unsealed).toEqual(vault.slots().map((slot) => ({ ...slot, inUse: false })))
  expect(shown?.slots[0]).not.toHaveProperty('label')
  expect(inspectVault(bytes.subarray(1))).toBeUndefined()
  expect(inspectVault('text' as unknown as Uint8Array)).toBeUndefined()
})

test('[V14] text and JSON of an opened vault show no secret', async () => {
  const { vault } = await fullVault()
  await vault.set('canary', utf8('canary'))
  const shown = [String(vault), JSON.stringify(vault), JSON.stringify(vault.slots())]
  for (const text of [...shown, JSON.stringify(vault.pin)]) {
    expect(text).not.toContain('canary')
    expect(text).not.toContain(PASSPHRASE)
  }
})

test('[V2] stored bytes that throw when they are read, or were transferred, are malformed', async () => {
  const { storage, recovery } = await newVault()
  const trap = (name: PropertyKey) =>
    Object.defineProperty(new Uint8Array(100), name, {
      get: () => {
        throw new Error('thrown by the input itself')
      },
    })
  const gone = await storedBytes(storage)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  for (const bytes of [trap('length'), trap('subarray'), trap(Symbol.toStringTag), gone]) {
    expect(inspectVault(bytes)).toBeUndefined()
    const lying = { ...storage, read: async () => ({ bytes, version: '1' }) }
    expect(await codeOf(reopen({ storage: lying, recovery }))).toBe('ERR_VAULT_MALFORMED')
  }
})
