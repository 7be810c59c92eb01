import { checkInteger, checkMethods, checkObject } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { checkMinVersion, checkSuccessor, copyPin } from '../format/rollback-pin.ts'
import type { VaultPin } from '../format/rollback-pin.ts'
import { sealFirst } from '../format/seal-snapshot.ts'
import { checkStored, openSnapshot } from '../format/snapshot.ts'
import type { Snapshot } from '../format/snapshot.ts'
import { ID_BYTES } from '../limits.ts'
import { prepareSlot } from '../slots/new-slot.ts'
import { checkRecoveryKey } from '../slots/recovery-key.ts'
import type { RecoveryKey } from '../slots/recovery-key.ts'
import type { OpenSlot } from '../slots/slot-key.ts'
import { checkCredential, unlockSlot } from '../slots/unlock-slot.ts'
import type { VaultCredential } from '../slots/unlock-slot.ts'
import { readStorage, writeStorage } from '../storage/storage.ts'
import type { VaultStorage } from '../storage/storage.ts'
import { OpenedVault } from './opened-vault.ts'
import { StoredSnapshot } from './stored-snapshot.ts'
import type { Vault } from './vault.ts'

/** The states of a vault that a caller accepts. */
export interface VaultExpectations {
  /** The newest state that this device knows: older and other ones are refused. spec V19 */
  readonly pin?: VaultPin
  /** The lowest version that is acceptable, for callers that know no more than a number. spec V19 */
  readonly minVersion?: number
}

/**
 * Makes a vault in a storage that holds nothing. It has one slot, the recovery key; add a passkey or a passphrase for
 * daily use.
 *
 * You must show the recovery key to the person once and make sure that they keep it ({@link generateRecoveryKey}).
 * Without it and without another slot no one can open the vault again, by design.
 *
 * @throws TypeError that names the argument
 * @throws VaultError `ERR_VAULT_EXISTS`, `ERR_VAULT_STORAGE_FAILED`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function createVault(options: {
  readonly storage: VaultStorage
  readonly recovery: RecoveryKey
}): Promise<Vault> {
  checkObject('options', options)
  const { storage, recovery } = options
  checkVaultStorage(storage)
  checkRecoveryKey('recovery', recovery)
  const id = randomBytes(ID_BYTES)
  const { draft, open } = await prepareSlot({ type: 'recovery-key', key: recovery }, id)
  const snapshot = await sealFirst({ slots: [draft], entries: new Map(), rotate: true }, id)
  return storeFirst(storage, { snapshot, slot: open })
}

/**
 * Opens the vault that a storage holds.
 *
 * You must open with the newest {@link VaultPin} that this device has. Without it, an earlier state of the vault
 * (before an entry was deleted, a device revoked) opens like the current one. spec V22
 *
 * @throws TypeError, RangeError that name the argument; the reason of `with.signal` when it aborts
 * @throws VaultError `ERR_VAULT_NOT_FOUND`; `ERR_VAULT_MALFORMED`; `ERR_VAULT_NO_SLOT` for a credential of a type that
 *   the vault has no slot for; `ERR_VAULT_OPEN_FAILED`, whether the secret is another one or the bytes were
 *   changed; `ERR_VAULT_ROLLED_BACK`; `ERR_VAULT_PASSKEY_REFUSED`; `ERR_VAULT_STORAGE_FAILED`;
 *   `ERR_VAULT_UNSUPPORTED` (`WebAuthn PRF`)
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function openVault(
  options: {
    readonly storage: VaultStorage
    readonly with: VaultCredential
  } & VaultExpectations,
): Promise<Vault> {
  checkObject('options', options)
  const { storage } = options
  checkVaultStorage(storage)
  const checked = copyOptions(options)
  const stored = await readStorage(storage)
  if (stored === undefined) throw new VaultError('ERR_VAULT_NOT_FOUND', undefined)
  const opened = await openBytes(stored.bytes, checked)
  return new OpenedVault(new StoredSnapshot({ storage, storageVersion: stored.version, ...opened }))
}

/**
 * Puts an export back into a storage that holds nothing, and opens it. Writes nothing unless it opens.
 *
 * An export is an earlier state: devices revoked since must be revoked again, and other devices refuse a state that is
 * older than their pin until they open the vault without it. spec V27
 *
 * @throws VaultError `ERR_VAULT_EXISTS`, and everything that {@link openVault} throws
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function restoreVault(
  options: {
    readonly storage: VaultStorage
    readonly bytes: Uint8Array
    readonly with: VaultCredential
  } & VaultExpectations,
): Promise<Vault> {
  checkObject('options', options)
  const { storage, bytes } = options
  checkVaultStorage(storage)
  return storeFirst(storage, await openBytes(bytes, copyOptions(options)))
}

async function openBytes(
  stored: Uint8Array,
  options: { readonly with: VaultCredential } & VaultExpectations,
): Promise<{ readonly snapshot: Snapshot; readonly slot: OpenSlot }> {
  const { bytes, file } = checkStored(stored)
  const slot = await unlockSlot(file, options.with)
  const snapshot = await openSnapshot(bytes, file, slot)
  if (options.minVersion !== undefined) checkMinVersion(file.version, options.minVersion)
  if (options.pin !== undefined) await checkSuccessor(snapshot, options.pin)
  return { snapshot, slot }
}

async function storeFirst(
  storage: VaultStorage,
  opened: { readonly snapshot: Snapshot; readonly slot: OpenSlot },
): Promise<Vault> {
  const storageVersion = await writeStorage(storage, opened.snapshot.bytes, undefined)
  if (storageVersion === undefined) throw new VaultError('ERR_VAULT_EXISTS', undefined)
  return new OpenedVault(new StoredSnapshot({ storage, storageVersion, ...opened }))
}

function checkVaultStorage(storage: VaultStorage): void {
  checkMethods('storage', storage, 'read', 'write', 'remove')
}

/** Checks the options and reads each once: the caller may change them later. */
function copyOptions({
  with: credential,
  pin,
  minVersion,
}: {
  readonly with: VaultCredential
} & VaultExpectations): { readonly with: VaultCredential } & VaultExpectations {
  checkCredential(credential)
  if (minVersion !== undefined) {
    checkInteger('minVersion', minVersion, { min: 0, max: Number.MAX_SAFE_INTEGER })
  }
  return {
    with: credential,
    ...(pin !== undefined && { pin: copyPin(pin) }),
    ...(minVersion !== undefined && { minVersion }),
  }
}
