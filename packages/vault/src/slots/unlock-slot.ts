import { checkMethods, decodeBase64Url, isBytes } from '@conclave/base'
import { passphraseToBytes } from '@conclave/e2ee/passphrase'
import type { PassphraseWorkerOptions } from '@conclave/e2ee/passphrase'
import { VaultError } from '../errors.ts'
import type { VaultPin } from '../format/vault-pin.ts'
import { KEY_BYTES } from '../limits.ts'
import type { PasskeyClient } from './passkey.ts'
import { isPinnedCost } from './passphrase-cost.ts'
import { checkPassphraseWorker, deriveSlotSecret } from './passphrase.ts'
import { checkRecoveryKey } from './recovery-key.ts'
import type { RecoveryKey } from './recovery-key.ts'
import { deriveSlotKeys } from './slot-key.ts'
import type { OpenSlot } from './slot-key.ts'
import { credentialOf } from './slot.ts'
import type { SlotRecord } from './slot.ts'

/** A secret that a person opens a vault with. */
export type VaultCredential =
  /** From `parseRecoveryKey`, which tells a typing mistake from another key. */
  | { readonly type: 'recovery-key'; readonly key: RecoveryKey }
  /** Argon2id runs in a worker in a page; `createWorker` says another way. */
  | ({ readonly type: 'passphrase'; readonly passphrase: string } & PassphraseWorkerOptions)
  /** Asks for one of the vault's passkeys: the browser shows its dialog, until `signal` aborts. */
  | { readonly type: 'passkey'; readonly passkeys: PasskeyClient; readonly signal?: AbortSignal }

/** @throws TypeError, RangeError that name the argument; the reason of a signal that has aborted */
export function checkCredential(credential: VaultCredential): void {
  switch (credential?.type) {
    case 'recovery-key':
      checkRecoveryKey('with.key', credential.key)
      return
    case 'passphrase':
      passphraseToBytes(credential.passphrase).fill(0)
      checkPassphraseWorker('with.createWorker', credential.createWorker)
      return
    case 'passkey':
      checkMethods('with.passkeys', credential.passkeys, 'evaluate')
      if (credential.signal === undefined) return
      checkMethods('with.signal', credential.signal, 'throwIfAborted')
      credential.signal.throwIfAborted()
      return
    default:
      throw new TypeError('"with.type" expected recovery-key, passphrase or passkey')
  }
}

/** The vault and its slots, one of which a credential opens. */
export interface LockedSlots {
  readonly id: Uint8Array<ArrayBuffer>
  readonly slots: readonly SlotRecord[]
}

/**
 * The keys of the slot that a credential names; using them shows whether they open it. Tries no other slot. spec V13
 *
 * @throws VaultError `ERR_VAULT_NO_SLOT`, `ERR_VAULT_OPEN_FAILED`, `ERR_VAULT_PASSKEY_REFUSED`, `ERR_VAULT_UNSUPPORTED`,
 *   `ERR_VAULT_WORKER`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function unlockSlot(
  vault: LockedSlots,
  { credential, pin }: { readonly credential: VaultCredential; readonly pin: VaultPin | undefined },
): Promise<OpenSlot> {
  const slots = vault.slots.filter(({ parameters }) => parameters.type === credential.type)
  const [first] = slots
  if (first === undefined) throw new VaultError('ERR_VAULT_NO_SLOT', { type: credential.type })
  switch (credential.type) {
    case 'recovery-key':
      return openSlot(vault, first, credential.key.unsafeExport())
    case 'passphrase': {
      if (first.parameters.type !== 'passphrase') throw new Error('unreachable: filtered by type')
      const passphrase = passphraseToBytes(credential.passphrase)
      // No slot has an empty one (spec V11), and not every implementation hashes it.
      // And one that costs something else than before does not open: its costs are authenticated with it.
      if (passphrase.length === 0 || !isPinnedCost(first, pin?.passphrase))
        throw new VaultError('ERR_VAULT_OPEN_FAILED', undefined)
      const { createWorker } = credential
      const options = { ...first.parameters, ...(createWorker && { createWorker }) }
      return openSlot(vault, first, await deriveSlotSecret(passphrase, options))
    }
    case 'passkey':
      return unlockPasskey({ ...vault, slots }, credential)
  }
}

async function unlockPasskey(
  vault: LockedSlots,
  { passkeys, signal }: Extract<VaultCredential, { type: 'passkey' }>,
): Promise<OpenSlot> {
  const requests = vault.slots.flatMap(({ parameters }) =>
    parameters.type === 'passkey' ? [parameters] : [],
  )
  const { credentialId, output } = await passkeys.evaluate(requests, signal ? { signal } : {})
  const slot = vault.slots.find(({ parameters }) => credentialOf(parameters) === credentialId)
  if (slot === undefined || decodeBase64Url(credentialId) === undefined) {
    throw new VaultError('ERR_VAULT_NO_SLOT', { type: 'passkey' })
  }
  if (!isBytes(output) || output.length !== KEY_BYTES) {
    throw new VaultError('ERR_VAULT_UNSUPPORTED', { feature: 'WebAuthn PRF' })
  }
  return openSlot(vault, slot, output)
}

async function openSlot(
  { id: vaultId }: LockedSlots,
  { id }: SlotRecord,
  secret: Uint8Array<ArrayBuffer>,
): Promise<OpenSlot> {
  return { id, keys: await deriveSlotKeys(secret, { vaultId, id }) }
}
