import { passphraseToBytes, stretchPassphrase } from '@conclave/e2ee/passphrase'
import { encodeRecoveryKey, openVault, parseRecoveryKey, RecoveryKey } from '@conclave/vault'
import type { PassphraseKdf } from '@conclave/vault'
import { decodeBase64Url } from '@conclave/base'
import { describe, expect, test } from 'vitest'
import vectors from '../../../spec/vectors/vault.json' with { type: 'json' }
import { deriveSlotKeys, unwrapMasterKey } from '../src/slots/slot-key.ts'
import { slotIdToBytes } from '../src/slots/slot.ts'
import { decodeVaultFile } from '../src/format/vault-file.ts'
import { bytesToHex, codeOf, hexToBytes, storageOf } from './fixtures.ts'

const hexOf = (key: RecoveryKey | undefined) => key && bytesToHex(key.unsafeExport())
const key = new RecoveryKey(hexToBytes(vectors.vaults[0]?.slots[0]?.secret ?? ''))

describe('recovery keys', () => {
  test.each(vectors.recoveryKeys.accepted)('[V8] $text', ({ key: bytes, text }) => {
    expect(encodeRecoveryKey(new RecoveryKey(hexToBytes(bytes)))).toBe(text)
    expect(hexOf(parseRecoveryKey(text))).toBe(bytes)
  })

  test.each(vectors.recoveryKeys.tolerated)('[V9] tolerated: $text', ({ key: bytes, text }) => {
    expect(hexOf(parseRecoveryKey(text))).toBe(bytes)
  })

  test.each(vectors.recoveryKeys.refused)('[V9] refused: $why', ({ text }) => {
    expect(parseRecoveryKey(text)).toBeUndefined()
  })
})

test.each(vectors.passphrases)('[V10] the secret of a passphrase by $kdf.type', async (vector) => {
  const salt = hexToBytes(vector.salt)
  const kdf = vector.kdf as PassphraseKdf
  const secret = await stretchPassphrase(passphraseToBytes(vector.passphrase), { salt, kdf })
  expect(bytesToHex(secret)).toBe(vector.secret)
})

describe('vaults', () => {
  test.each(vectors.vaults)('[V1, V3, V4] version $version opens', async (vector) => {
    const storage = await storageOf(hexToBytes(vector.bytes))
    const vault = await openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
    expect([vault.version, vault.generation]).toEqual([vector.version, vector.generation])
    expect(bytesToHex(decodeBase64Url(vault.pin.digest) ?? new Uint8Array())).toBe(vector.digest)
    const entries = vault
      .list()
      .map((name) => [name, bytesToHex(vault.get(name) ?? (key as never))])
    expect(Object.fromEntries(entries)).toEqual(vector.entries)
    const labels = vector.slots.map(({ label }) => label)
    expect(vault.slots().map(({ label }) => label)).toEqual(labels)
    await vault.set('more', new Uint8Array())
    await vault.rotate()
  })

  test.each(vectors.vaults)('[V5, V6] version $version: every slot opens', async (vector) => {
    const file = decodeVaultFile(hexToBytes(vector.bytes))
    if (file === undefined) throw new Error('expected a vault')
    for (const [at, expected] of vector.slots.entries()) {
      const slot = file.slots[at]
      if (slot === undefined) throw new Error('expected a slot')
      expect(bytesToHex(slotIdToBytes(slot.id))).toBe(expected.id)
      const context = { vaultId: file.id, generation: file.generation }
      const secret = hexToBytes(expected.secret)
      const keys = await deriveSlotKeys(secret, { vaultId: file.id, id: slot.id })
      expect(bytesToHex(keys.publicKey)).toBe(expected.publicKey)
      const masterKey = await unwrapMasterKey(slot, keys, context)
      expect(masterKey && bytesToHex(masterKey)).toBe(vector.masterKey)
      expect(secret.every((byte) => byte === 0)).toBe(true)
    }
  })

  test('[V19, V20, V21] the second is a proven successor of the first', async () => {
    const [first, second] = await Promise.all(
      vectors.vaults.map(async ({ bytes }) => storageOf(hexToBytes(bytes))),
    )
    if (first === undefined || second === undefined) throw new Error('expected two vaults')
    const credential = { type: 'recovery-key', key } as const
    const { pin } = await openVault({ storage: first, with: credential, pin: 'none' })
    const opened = await openVault({ storage: second, with: credential, pin })
    expect(opened.version).toBe(2)
    const back = openVault({ storage: first, with: credential, pin: opened.pin })
    expect(await codeOf(back)).toBe('ERR_VAULT_ROLLED_BACK')
  })

  test.each(vectors.malformed)('[V2, V7] malformed: $why', async ({ bytes }) => {
    const storage = await storageOf(hexToBytes(bytes))
    const opened = openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
    expect(await codeOf(opened)).toBe('ERR_VAULT_MALFORMED')
  })

  test.each(vectors.failing)('[V3, V6, V13] does not open: $why', async ({ bytes }) => {
    const storage = await storageOf(hexToBytes(bytes))
    const opened = openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
    expect(await codeOf(opened)).toBe('ERR_VAULT_OPEN_FAILED')
  })

  test.each(vectors.notices)('[V29] a notice is $outcome: $why', async ({ outcome, bytes }) => {
    const storage = await storageOf(hexToBytes(vectors.vaults[1]?.bytes ?? ''))
    const vault = await openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
    expect(await vault.hear(hexToBytes(bytes))).toBe(outcome)
  })

  test('[V29] the second vault writes the notice of generation 2', async () => {
    const storage = await storageOf(hexToBytes(vectors.vaults[1]?.bytes ?? ''))
    const vault = await openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
    const expected = vectors.notices.find(({ why }) => why === 'generation 2')
    expect(bytesToHex(vault.notice)).toBe(expected?.bytes)
  })
})
