import { passphraseToBytes } from '@conclave/e2ee/passphrase'
import { decodeBase64Url } from '@conclave/base'
import { isBytes } from '../bytes.ts'
import { VaultError } from '../errors.ts'
import { KEY_BYTES } from '../limits.ts'
import type { PasskeyClient } from './passkey.ts'
import { stretchPassphrase } from './passphrase.ts'
import { RecoveryKey } from './recovery-key.ts'
import { credentialOf } from './slot.ts'
import { deriveSlotKeys } from './slot-key.ts'
import type { SlotRecord } from './slot.ts'
import type { OpenSlot } from '../format/snapshot.ts'
import type { VaultFile } from '../format/vault-file.ts'

/** What a person opens a vault with. */
export type VaultCredential =
  /** From `parseRecoveryKey`, which tells a slip of the typing from another key. */
  | { readonly type: 'recovery-key'; readonly key: RecoveryKey }
  | { readonly type: 'passphrase'; readonly passphrase: string }
  /** Asks for one of the vault's passkeys: the browser shows its dialog. */
  | { readonly type: 'passkey'; readonly passkeys: PasskeyClient; readonly signal?: AbortSignal }

/** @throws TypeError for anything else */
export function checkCredential(credential: VaultCredential): void {
  switch (credential?.type) {
    case 'recovery-key':
      if (credential.key instanceof RecoveryKey) return
      throw new TypeError(`"with.key" expected RecoveryKey, got type=${typeof credential.key}`)
    case 'passphrase':
      passphraseToBytes(credential.passphrase).fill(0)
      return
    case 'passkey':
      if (typeof credential.passkeys?.evaluate === 'function') return
      throw new TypeError('"with.passkeys" expected what createPasskeyClient gives')
    default:
      throw new TypeError('"with.type" expected recovery-key, passphrase or passkey')
  }
}

/**
 * The keys of the slot that a credential opens; whether they do open it shows when they are used. No slot is tried
 * that the credential does not name. spec V13
 *
 * @throws VaultError `ERR_VAULT_NO_SLOT`, `ERR_VAULT_UNSUPPORTED`, `ERR_VAULT_PASSKEY_REFUSED`
 */
export async function unlockSlot(file: VaultFile, credential: VaultCredential): Promise<OpenSlot> {
  const slots = file.slots.filter(({ parameters }) => parameters.type === credential.type)
  const [first] = slots
  if (first === undefined) throw new VaultError('ERR_VAULT_NO_SLOT', { type: credential.type })
  switch (credential.type) {
    case 'recovery-key':
      return openSlot(file, first, credential.key.unsafeExport())
    case 'passphrase': {
      if (first.parameters.type !== 'passphrase') throw new Error('unreachable: filtered by type')
      const passphrase = passphraseToBytes(credential.passphrase)
      // No slot has it (spec V11), and not every implementation hashes it.
      if (passphrase.length === 0) throw new VaultError('ERR_VAULT_OPEN_FAILED', undefined)
      return openSlot(file, first, await stretchPassphrase(passphrase, first.parameters))
    }
    case 'passkey':
      return unlockPasskey(file, slots, credential)
  }
}

async function unlockPasskey(
  file: VaultFile,
  slots: readonly SlotRecord[],
  { passkeys, signal }: Extract<VaultCredential, { type: 'passkey' }>,
): Promise<OpenSlot> {
  const requests = slots.flatMap(({ parameters }) =>
    parameters.type === 'passkey' ? [parameters] : [],
  )
  const { credentialId, output } = await passkeys.evaluate(requests, signal ? { signal } : {})
  const slot = slots.find(({ parameters }) => credentialOf(parameters) === credentialId)
  if (slot === undefined || decodeBase64Url(credentialId) === undefined) {
    throw new VaultError('ERR_VAULT_NO_SLOT', { type: 'passkey' })
  }
  if (!isBytes(output) || output.length !== KEY_BYTES) {
    throw new VaultError('ERR_VAULT_UNSUPPORTED', { feature: 'WebAuthn PRF' })
  }
  return openSlot(file, slot, output)
}

async function openSlot(
  { id: vaultId }: VaultFile,
  { id }: SlotRecord,
  secret: Uint8Array<ArrayBuffer>,
): Promise<OpenSlot> {
  return { id, keys: await deriveSlotKeys(secret, { vaultId, id }) }
}
