import { readFileSync } from 'node:fs'
import { createMemoryStorage, encodeRecoveryKey, openVault, RecoveryKey } from '@conclave/vault'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToHex } from './fixtures.ts'
import { recoveryText, writeVault } from './reference/vault-writer.ts'
import type { ReferenceSlot } from './reference/vault-writer.ts'
import { makeVectors } from './reference/write-vectors.ts'

/** Zeros are no recovery key. spec V8 */
const isKey = (bytes: Uint8Array): boolean => bytes.some((byte) => byte !== 0)

test('[V1] the vectors equal the output of the reference', async () => {
  const file = new URL('../../../spec/vectors/vault.json', import.meta.url)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(await makeVectors())
})

test('[V8] the reference writes the same recovery keys', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).filter(isKey)
  const property = fc.property(bytes, (key) => {
    expect(encodeRecoveryKey(new RecoveryKey(key))).toBe(recoveryText(Buffer.from(key)))
  })
  fc.assert(property, { numRuns: 20 })
})

test('[V1, V3, V4, V6] every vault that the reference writes opens with its entries', async () => {
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((value) => Buffer.from(value))
  const name = fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((text) => text.isWellFormed() && Buffer.byteLength(text) <= 255)
  const entry = fc.tuple(
    name,
    fc.uint8Array({ maxLength: 2_000 }).map((value) => Buffer.from(value)),
  )
  const shape = fc.record({
    ...{ id: bytes(16), salt: bytes(32), slotId: bytes(16) },
    secret: bytes(16).filter(isKey),
    ...{ ephemeral: bytes(32), masterKeys: fc.array(bytes(32), { minLength: 1, maxLength: 5 }) },
    entries: fc.uniqueArray(entry, { selector: ([text]) => text, maxLength: 12 }),
    writer: bytes(16),
    more: fc.integer({ min: 0, max: 3 }),
  })
  const property = fc.asyncProperty(shape, async (made) => {
    const version = made.masterKeys.length + made.more
    const slot: ReferenceSlot = {
      ...{ type: 1, id: made.slotId, parameters: Buffer.alloc(0), label: '' },
      ...{ secret: made.secret, ephemeral: made.ephemeral },
    }
    const entries = made.entries.toSorted(([one], [other]) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    )
    const history = Array.from({ length: version - 1 }, () => Buffer.alloc(32))
    const written = writeVault({
      ...made,
      version,
      slots: [slot],
      history,
      entries,
      lastWrites: [],
    })
    const storage = createMemoryStorage()
    await storage.write(written, undefined)
    const key = new RecoveryKey(made.secret)
    const vault = await openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
    const read = vault.list().map((each) => [each, bytesToHex(vault.get(each) ?? Buffer.alloc(0))])
    expect(new Map(read as [string, string][])).toEqual(
      new Map(entries.map(([each, value]) => [each, value.toString('hex')])),
    )
    await vault.rotate()
  })
  await fc.assert(property, { numRuns: 30 })
})
