import { isCryptoError } from '@conclave/crypto'
import * as e2ee from '@conclave/e2ee/passphrase'
import type { PassphraseKdf } from '@conclave/e2ee/passphrase'
import { isE2eeError } from '@conclave/e2ee/errors'
import { VaultError } from '../errors.ts'

/**
 * The bytes of a passphrase for a new slot; what anybody would guess is refused. spec V10, V11
 *
 * @throws TypeError for anything that is no passphrase
 * @throws VaultError `ERR_VAULT_WEAK_PASSPHRASE`
 */
export function newPassphraseToBytes(passphrase: string): Uint8Array<ArrayBuffer> {
  const bytes = e2ee.passphraseToBytes(passphrase)
  try {
    e2ee.checkPassphrase(passphrase)
    return bytes
  } catch (error) {
    bytes.fill(0)
    throw toVaultError(error)
  }
}

/**
 * The secret of a passphrase slot. Overwrites `passphrase`. spec V10
 *
 * @throws VaultError `ERR_VAULT_UNSUPPORTED` (`Argon2id`) where WebAssembly may not run or no memory is left
 */
export async function stretchPassphrase(
  passphrase: Uint8Array<ArrayBuffer>,
  { salt, kdf }: { readonly salt: Uint8Array; readonly kdf: PassphraseKdf },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await e2ee.stretchPassphrase(passphrase, { salt, kdf })
  } catch (error) {
    throw toVaultError(error)
  }
}

/** What comes from below says the same in this package's codes. */
function toVaultError(error: unknown): unknown {
  if (isCryptoError(error)) {
    return new VaultError('ERR_VAULT_UNSUPPORTED', error.details, { cause: error.cause })
  }
  if (!isE2eeError(error) || error.code !== 'ERR_E2EE_WEAK_PASSPHRASE') return error
  return new VaultError('ERR_VAULT_WEAK_PASSPHRASE', error.details)
}
