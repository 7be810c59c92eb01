import { encodeBase64Url } from '@conclave/base'
import { isVaultError } from '../errors.ts'
import type { NewSlot } from './new-slot.ts'
import { credentialOf } from './slot.ts'
import type { DraftSlot } from './slot.ts'

/**
 * Discards the passkey of a slot that could not be added, so that it does not stay in the person's list and open nothing.
 * One that may be a slot nevertheless stays: the vault has it, or it is unknown whether the storage stored it. spec V12
 */
export async function discardUnused(
  slot: NewSlot,
  { error, slots }: { readonly error: unknown; readonly slots: readonly DraftSlot[] },
): Promise<void> {
  if (slot?.type !== 'passkey' || typeof slot.passkey?.discard !== 'function') return
  if (isVaultError(error) && error.code === 'ERR_VAULT_STORAGE_FAILED') return
  const id = encodeBase64Url(slot.passkey.credentialId)
  if (slots.some(({ parameters }) => credentialOf(parameters) === id)) return
  // Whether it succeeds does not change why the slot was not added.
  await slot.passkey.discard().catch(() => false)
}
