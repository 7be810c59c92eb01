import { randomBytes } from '../bytes.ts'
import { VaultError } from '../errors.ts'
import { ID_BYTES } from '../limits.ts'
import { prepareSlot } from '../slots/new-slot.ts'
import { OpenedVault } from './opened-vault.ts'
import { checkMinVersion, checkPin, takePin } from '../format/rollback-pin.ts'
import type { VaultPin } from '../format/rollback-pin.ts'
import type { RecoveryKey } from '../slots/recovery-key.ts'
import { openSnapshot, parseVault, sealFirst } from '../format/snapshot.ts'
import type { OpenSlot, Snapshot } from '../format/snapshot.ts'
import { readStorage, writeStorage } from '../storage/storage.ts'
import type { VaultStorage } from '../storage/storage.ts'
import { checkCredential, unlockSlot } from '../slots/unlock-slot.ts'
import type { VaultCredential } from '../slots/unlock-slot.ts'
import type { Vault } from './vault.ts'

/** What a vault must be, besides authentic, to be opened. */
export interface VaultExpectations {
  /** The newest state that this device knows: refuses older and other ones. spec V19 */
  readonly pin?: VaultPin
  /** The lowest version that is acceptable, for who knows no more than that. spec V19 */
  readonly minVersion?: number
}

/**
 * Makes a vault where none is. It has one slot, the recovery key; add a passkey or a passphrase for every day.
 *
 * You must show the recovery key to the person once and make sure that they keep it ({@link generateRecoveryKey}).
 * Without it and without another slot nobody opens the vault again: there is no other way, by design.
 *
 * @throws VaultError `ERR_VAULT_EXISTS`, `ERR_VAULT_STORAGE_FAILED`, `ERR_VAULT_UNSUPPORTED`
 */
export async function createVault(options: {
  readonly storage: VaultStorage
  readonly recovery: RecoveryKey
}): Promise<Vault> {
  checkStorage(options?.storage)
  const id = randomBytes(ID_BYTES)
  const { draft, open } = await prepareSlot({ type: 'recovery-key', key: options.recovery }, id)
  const snapshot = await sealFirst({ slots: [draft], entries: new Map(), rotate: true }, id)
  return store(options.storage, { snapshot, slot: open })
}

/**
 * Opens the vault that a storage holds.
 *
 * You must open with the newest {@link VaultPin} that this device has. Without it, an earlier state of the vault
 * (before an entry was deleted, a device revoked) opens like the current one. spec V22
 *
 * @throws VaultError `ERR_VAULT_NOT_FOUND`; `ERR_VAULT_MALFORMED`; `ERR_VAULT_NO_SLOT` for a credential of a type that
 *   the vault has no slot for; `ERR_VAULT_OPEN_FAILED`, whether the secret is another one or the bytes were
 *   changed; `ERR_VAULT_ROLLED_BACK`; `ERR_VAULT_PASSKEY_REFUSED`; `ERR_VAULT_STORAGE_FAILED`; `ERR_VAULT_UNSUPPORTED`
 */
export async function openVault(
  options: {
    readonly storage: VaultStorage
    readonly with: VaultCredential
  } & VaultExpectations,
): Promise<Vault> {
  const { storage } = options
  checkStorage(storage)
  const expected = takeOptions(options)
  const stored = await readStorage(storage)
  if (stored === undefined) throw new VaultError('ERR_VAULT_NOT_FOUND', undefined)
  const opened = await openBytes(stored.bytes, expected)
  return new OpenedVault({ storage, storageVersion: stored.version, ...opened })
}

/**
 * Puts an export back into a storage that holds nothing, and opens it. Nothing is written unless it opens.
 *
 * An export is an earlier state: who revoked a device since must do so again, and other devices refuse what is older
 * than their pin until they are opened without it. spec V27
 *
 * @throws VaultError `ERR_VAULT_EXISTS`, and what {@link openVault} throws
 */
export async function restoreVault(
  options: {
    readonly storage: VaultStorage
    readonly bytes: Uint8Array
    readonly with: VaultCredential
  } & VaultExpectations,
): Promise<Vault> {
  const { storage, bytes } = options
  checkStorage(storage)
  return store(storage, await openBytes(bytes, takeOptions(options)))
}

async function openBytes(
  stored: Uint8Array,
  options: { readonly with: VaultCredential } & VaultExpectations,
): Promise<{ readonly snapshot: Snapshot; readonly slot: OpenSlot }> {
  const { bytes, file } = parseVault(stored)
  const slot = await unlockSlot(file, options.with)
  const snapshot = await openSnapshot(bytes, file, slot)
  if (options.minVersion !== undefined) checkMinVersion(file.version, options.minVersion)
  if (options.pin !== undefined) await checkPin(snapshot, options.pin)
  return { snapshot, slot }
}

async function store(
  storage: VaultStorage,
  opened: { readonly snapshot: Snapshot; readonly slot: OpenSlot },
): Promise<Vault> {
  const storageVersion = await writeStorage(storage, opened.snapshot.bytes, undefined)
  if (storageVersion === undefined) throw new VaultError('ERR_VAULT_EXISTS', undefined)
  return new OpenedVault({ storage, storageVersion, ...opened })
}

function checkStorage(storage: VaultStorage): void {
  if (typeof storage?.read === 'function' && typeof storage.write === 'function') return
  throw new TypeError(`"storage" expected a VaultStorage, got type=${typeof storage}`)
}

/** What the caller asks for, checked and read once. */
function takeOptions({
  with: credential,
  pin,
  minVersion,
}: {
  readonly with: VaultCredential
} & VaultExpectations): { readonly with: VaultCredential } & VaultExpectations {
  checkCredential(credential)
  if (minVersion !== undefined && !Number.isSafeInteger(minVersion)) {
    throw new RangeError('"minVersion" expected an integer')
  }
  return {
    with: credential,
    ...(pin !== undefined && { pin: takePin(pin) }),
    ...(minVersion !== undefined && { minVersion }),
  }
}
