import { wipe } from '@conclave/crypto'
import { SHARED_SECRET_BYTES } from './shared-key-source.ts'
import type { SharedKeySource } from './shared-key-source.ts'

/**
 * Moves a shared key source to the next epoch, with a secret that is derived from the current one and from which the
 * current one cannot be computed. Call it at every member when a participant joins, and give the newcomer the result,
 * which decrypts nothing earlier. Holders of the current secret can compute all later ones, so it locks no one out:
 * when a participant leaves, bring fresh random bytes to those who stay (`addKey`, `use`). spec K24
 *
 * @returns the new secret; you must overwrite it when the newcomer has it
 * @throws RangeError when a key for a later epoch was added: use that one
 * @throws E2eeError `ERR_E2EE_UNKNOWN_EPOCH` when the current epoch is not held, `ERR_E2EE_CLOSED`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function ratchetSharedKey(
  keys: Pick<SharedKeySource, 'epoch' | 'export' | 'setKey'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { epoch } = keys
  const secret = await keys.export(RATCHET_LABEL, new Uint8Array(), SHARED_SECRET_BYTES, epoch)
  if (keys.epoch === epoch) {
    keys.setKey(secret, epoch + 1n)
    return secret
  }
  // A rotation happened meanwhile: the ratchet continues from there.
  wipe(secret)
  return ratchetSharedKey(keys)
}

/** The label of the next secret; no key for any other purpose is derived under it. spec K24 */
export const RATCHET_LABEL = 'conclave/1 ratchet'
