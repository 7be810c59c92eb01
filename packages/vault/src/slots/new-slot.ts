import {
  choosePassphraseKdf,
  isPassphraseKdf,
  PASSPHRASE_SALT_BYTES,
} from '@conclave/e2ee/passphrase'
import type { PassphraseKdf } from '@conclave/e2ee/passphrase'
import { copyBytes, isBytes, randomBytes } from '../bytes.ts'
import { checkName } from '../format/contents.ts'
import { KEY_BYTES } from '../limits.ts'
import type { NewPasskey } from './passkey.ts'
import { newPassphraseToBytes, stretchPassphrase } from './passphrase.ts'
import { RecoveryKey } from './recovery-key.ts'
import { isRpId, MAX_CREDENTIAL_BYTES, randomSlotId } from './slot.ts'
import type { SlotParameters } from './slot.ts'
import { deriveSlotKeys } from './slot-key.ts'
import type { DraftSlot, OpenSlot } from '../format/snapshot.ts'

/** What a new slot is opened with. `label` is the person's name for it, sealed like an entry. */
export type NewSlot =
  /** Only to replace the recovery key that is there. */
  | { readonly type: 'recovery-key'; readonly key: RecoveryKey; readonly label?: string }
  /**
   * You must have the person choose one that is used nowhere else, or better, draw one for them (`generatePassphrase` of `@conclave/e2ee/passphrase`): who has the
   * stored bytes can guess as fast as they can compute. `kdf` is chosen by the platform when left out.
   */
  | {
      readonly type: 'passphrase'
      readonly passphrase: string
      readonly kdf?: PassphraseKdf
      readonly label?: string
    }
  | { readonly type: 'passkey'; readonly passkey: NewPasskey; readonly label?: string }

/** A slot that is ready to get the master key, and its keys. */
export interface PreparedSlot {
  readonly draft: DraftSlot
  readonly open: OpenSlot
}

/**
 * Derives the keys of a new slot.
 *
 * @throws TypeError, RangeError for what cannot be a slot
 * @throws VaultError `ERR_VAULT_WEAK_PASSPHRASE`, `ERR_VAULT_UNSUPPORTED`
 */
export async function prepareSlot(
  slot: NewSlot,
  vaultId: Uint8Array<ArrayBuffer>,
): Promise<PreparedSlot> {
  const label = checkName('slot.label', slot?.label ?? '', 0)
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
      if (!(slot.key instanceof RecoveryKey)) {
        throw new TypeError(`"slot.key" expected RecoveryKey, got type=${typeof slot.key}`)
      }
      return { parameters: { type: slot.type }, secret: slot.key.unsafeExport() }
    }
    case 'passphrase': {
      const { kdf = choosePassphraseKdf() } = slot
      if (!isPassphraseKdf(kdf)) throw new RangeError('"slot.kdf" expected costs within the limits')
      const bytes = newPassphraseToBytes(slot.passphrase)
      const salt = randomBytes(PASSPHRASE_SALT_BYTES)
      const secret = await stretchPassphrase(bytes, { salt, kdf })
      return { parameters: { type: slot.type, salt, kdf: { ...kdf } }, secret }
    }
    case 'passkey': {
      const { passkey } = slot
      const credentialId = copyBytes('slot.passkey.credentialId', passkey?.credentialId)
      const salt = copyBytes('slot.passkey.salt', passkey.salt, KEY_BYTES)
      const secret = copyBytes('slot.passkey.output', passkey.output, KEY_BYTES)
      if (credentialId.length === 0 || credentialId.length > MAX_CREDENTIAL_BYTES) {
        throw new RangeError(
          `"slot.passkey.credentialId" expected 1 to ${MAX_CREDENTIAL_BYTES} bytes`,
        )
      }
      if (!isRpId(passkey.rpId)) throw new TypeError('"slot.passkey.rpId" expected a host name')
      if (isBytes(passkey.output)) passkey.output.fill(0)
      return { parameters: { type: slot.type, salt, rpId: passkey.rpId, credentialId }, secret }
    }
    default:
      throw new TypeError('"slot.type" expected recovery-key, passphrase or passkey')
  }
}
