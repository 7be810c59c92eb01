import { createMemoryStorage, openVault, RecoveryKey } from '@conclave/vault'
import type { Vault } from '@conclave/vault'
import { expect, test } from 'vitest'
import { bytesToHex, failureOf, slotOf, storedBytes } from '../fixtures.ts'
import { writeVault } from '../reference/vault-writer.ts'
import type { ReferenceSlot } from '../reference/vault-writer.ts'

const [secret, id] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)]
const recovery: ReferenceSlot = {
  ...{ type: 1, id: Buffer.alloc(16, 3), parameters: Buffer.alloc(0), label: '' },
  ...{ secret, ephemeral: Buffer.alloc(32, 4) },
}
const passkey: ReferenceSlot = {
  ...{ type: 3, id: Buffer.alloc(16, 5), label: 'phone', secret: Buffer.alloc(32, 6) },
  parameters: Buffer.concat([
    ...[Buffer.alloc(32, 7), Buffer.of(12), Buffer.from('meet.example'), Buffer.of(0, 16)],
    Buffer.alloc(16, 8),
  ]),
  ephemeral: Buffer.alloc(32, 9),
}

/** A vault in which a member wrote another public key for one of the slots. */
async function openWith(
  slots: readonly ReferenceSlot[],
): Promise<{ readonly vault: Vault; readonly stored: () => Promise<string> }> {
  const storage = createMemoryStorage()
  const bytes = writeVault({
    ...{ id, version: 1, salt: Buffer.alloc(32, 10), masterKeys: [Buffer.alloc(32, 11)] },
    ...{ slots, history: [], entries: [['room', Buffer.from('key')]], lastWrites: [] },
    writer: Buffer.alloc(16),
  })
  await storage.write(bytes, undefined)
  const key = new RecoveryKey(secret)
  const vault = await openVault({ storage, with: { type: 'recovery-key', key }, pin: 'none' })
  return { vault, stored: async () => bytesToHex(await storedBytes(storage)) }
}

const smallOrder = [Buffer.alloc(32), Buffer.from('01'.padEnd(64, '0'), 'hex')]

test.each(smallOrder)(
  '[V17] a slot whose key is refused is named, and the rotation without it succeeds',
  async (writtenKey) => {
    const { vault, stored } = await openWith([recovery, { ...passkey, writtenKey }])
    const [before, bad] = [await stored(), slotOf(vault, 'passkey')]
    expect(await failureOf(vault.rotate())).toMatchObject({
      ...{ code: 'ERR_VAULT_SLOT_KEY', details: { id: bad, type: 'passkey' } },
    })
    expect(await stored()).toBe(before)
    await vault.set('room', Buffer.from('still written'))
    await vault.removeSlot(bad)
    await vault.rotate()
    expect(vault.generation).toBe(3)
    expect(Buffer.from(vault.get('room') ?? []).toString()).toBe('still written')
  },
)
