import { isE2eeError } from '@conclave/e2ee/errors'
import { checkPassphrase, passphraseToBytes } from '@conclave/e2ee/passphrase'
import { VaultError } from '../errors.ts'

/**
 * The bytes of a passphrase for a new slot, refused when it is easy to guess. spec V10, V11
 *
 * @throws TypeError, RangeError for anything that is no passphrase
 * @throws VaultError `ERR_VAULT_WEAK_PASSPHRASE`
 */
export function newPassphraseToBytes(passphrase: string): Uint8Array<ArrayBuffer> {
  const bytes = passphraseToBytes(passphrase)
  try {
    checkPassphrase(passphrase)
    return bytes
  } catch (error) {
    bytes.fill(0)
    if (!isE2eeError(error) || error.code !== 'ERR_E2EE_WEAK_PASSPHRASE') throw error
    throw new VaultError('ERR_VAULT_WEAK_PASSPHRASE', error.details)
  }
}
