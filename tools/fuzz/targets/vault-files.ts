/** Vaults of the vectors, and how they open. */
import { openVault, RecoveryKey } from '@conclave/vault'
import type { VaultPin } from '@conclave/vault'
import vectors from '../../../spec/vectors/vault.json' with { type: 'json' }
import { fromHex } from '../target.ts'

/** The stored bytes of all vaults. */
export const files = vectors.vaults.map(({ bytes }) => fromHex(bytes))

const key = new RecoveryKey(fromHex(vectors.vaults[0]?.slots[0]?.secret ?? ''))

/** Opens bytes as a storage gives them. */
export async function openBytes(bytes: unknown, pin?: VaultPin): ReturnType<typeof openVault> {
  const storage = {
    read: async () => ({ bytes: bytes as Uint8Array, version: '1' }),
    write: async () => undefined,
    remove: async () => {},
  }
  return openVault({
    storage,
    with: { type: 'recovery-key', key },
    pin: pin ?? 'none',
  })
}
