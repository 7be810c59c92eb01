import { checkText, copyBytes, isBytes } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import { choosePassphraseKdf, PASSPHRASE_SALT_BYTES } from '@conclave/e2ee/passphrase'
import type { PassphraseKdf, PassphraseWorkerOptions } from '@conclave/e2ee/passphrase'
import { KEY_BYTES, MAX_NAME_BYTES } from '../limits.ts'
import type { NewPasskey } from './passkey.ts'
import { isVaultKdf } from './passphrase-cost.ts'
import { checkPassphraseWorker, deriveSlotSecret, newPassphraseToBytes } from './passphrase.ts'
import { checkRecoveryKey } from './recovery-key.ts'
import type { RecoveryKey } from './recovery-key.ts'
import { isRpId, MAX_CREDENTIAL_BYTES } from './slot-format.ts'
import { deriveSlotKeys } from './slot-key.ts'
import type { OpenSlot } from './slot-key.ts'
import { randomSlotId } from './slot.ts'
import type { DraftSlot, SlotParameters } from './slot.ts'

/** A slot to add, with its secret. `label` is the person's name for it, sealed like an entry. */
export type NewSlot =
  /** Only to replace the recovery key of a vault. */
  | { readonly type: 'recovery-key'; readonly key: RecoveryKey; readonly label?: string }
  /**
   * You must have the person choose a passphrase that they use nowhere else, or better, draw one for them
   * (`generatePassphrase` of `@conclave/e2ee/passphrase`): everyone with the stored bytes can guess as fast as they can
   * compute. The platform chooses `kdf` when it is left out; it costs at most four times the default. In a page
   * Argon2id runs in a worker; `createWorker` says another way. spec V10, K49
   */
  | ({
      readonly type: 'passphrase'
      readonly passphrase: string
      readonly kdf?: PassphraseKdf
      readonly label?: string
    } & PassphraseWorkerOptions)
  | { readonly type: 'passkey'; readonly passkey: NewPasskey; readonly label?: string }

/** A slot that is ready to get the master key, and its keys. */
export interface PreparedSlot {
  readonly draft: DraftSlot
  readonly open: OpenSlot
}

/**
 * Derives the keys of a new slot.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws VaultError `ERR_VAULT_WEAK_PASSPHRASE`, `ERR_VAULT_WORKER`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function prepareSlot(
  slot: NewSlot,
  vaultId: Uint8Array<ArrayBuffer>,
): Promise<PreparedSlot> {
  const { label = '' } = slot ?? {}
  checkText('slot.label', label, { min: 0, max: MAX_NAME_BYTES })
  const { parameters, secret } = await secretOf(slot)
  const id = randomSlotId()
  const keys = await deriveSlotKeys(secret, { vaultId, id })
  return { draft: { id, parameters, publicKey: keys.publicKey, label }, open: { id, keys } }
}

async function secretOf(slot: NewSlot): Promise<{
  readonly parameters: SlotParameters
  readonly secret: Uint8Array<ArrayBuffer>
}> {
  switch (slot?.type) {
    case 'recovery-key': {
      checkRecoveryKey('slot.key', slot.key)
      return { parameters: { type: slot.type }, secret: slot.key.unsafeExport() }
    }
    case 'passphrase': {
      const { kdf = choosePassphraseKdf(), createWorker } = slot
      if (!isVaultKdf(kdf)) throw new RangeError('"slot.kdf" expected costs within the limits')
      checkPassphraseWorker('slot.createWorker', createWorker)
      const bytes = newPassphraseToBytes(slot.passphrase)
      const salt = randomBytes(PASSPHRASE_SALT_BYTES)
      const options = { salt, kdf, ...(createWorker && { createWorker }) }
      const secret = await deriveSlotSecret(bytes, options)
      return { parameters: { type: slot.type, salt, kdf: { ...kdf } }, secret }
    }
    case 'passkey': {
      const { passkey } = slot
      const credentialId = copyBytes('slot.passkey.credentialId', passkey?.credentialId)
      const salt = copyBytes('slot.passkey.salt', passkey.salt, KEY_BYTES)
      if (credentialId.length === 0 || credentialId.length > MAX_CREDENTIAL_BYTES) {
        throw new RangeError(
          `"slot.passkey.credentialId" expected 1 to ${MAX_CREDENTIAL_BYTES} bytes`,
        )
      }
      if (!isRpId(passkey.rpId)) throw new TypeError('"slot.passkey.rpId" expected a host name')
      const secret = copyBytes('slot.passkey.output', passkey.output, KEY_BYTES)
      if (isBytes(passkey.output)) passkey.output.fill(0)
      return { parameters: { type: slot.type, salt, rpId: passkey.rpId, credentialId }, secret }
    }
    default:
      throw new TypeError('"slot.type" expected recovery-key, passphrase or passkey')
  }
}
