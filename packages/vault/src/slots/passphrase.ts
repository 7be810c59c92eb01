import { checkFunction } from '@conclave/base'
import { isE2eeError } from '@conclave/e2ee/errors'
import { checkPassphrase, passphraseToBytes, stretchPassphrase } from '@conclave/e2ee/passphrase'
import type { PassphraseWorkerOptions, StretchOptions } from '@conclave/e2ee/passphrase'
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

/**
 * The secret of a slot, 32 bytes of its passphrase. Overwrites `passphrase`. spec V10, K49
 *
 * @throws VaultError `ERR_VAULT_WORKER`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveSlotSecret(
  passphrase: Uint8Array<ArrayBuffer>,
  options: StretchOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await stretchPassphrase(passphrase, options)
  } catch (cause) {
    if (!isE2eeError(cause) || cause.code !== 'ERR_E2EE_WORKER') throw cause
    throw new VaultError('ERR_VAULT_WORKER', cause.details, { message: cause.message, cause })
  }
}

/** @throws TypeError that names the argument */
export function checkPassphraseWorker(
  name: string,
  createWorker: PassphraseWorkerOptions['createWorker'],
): void {
  if (createWorker !== undefined && createWorker !== 'none') checkFunction(name, createWorker)
}
