import type { StoredBytes } from '@conclave/base'
import { checkInteger, checkMethods, checkObject, decodeBase64Url } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { checkMinVersion, checkSuccessor, pinOf } from '../format/rollback-pin.ts'
import type { VaultPin } from '../format/vault-pin.ts'
import { sealFirst } from '../format/seal-snapshot.ts'
import { checkStored, openSnapshot } from '../format/snapshot.ts'
import type { Snapshot } from '../format/snapshot.ts'
import type { VaultFile } from '../format/vault-file.ts'
import { ID_BYTES } from '../limits.ts'
import { prepareSlot } from '../slots/new-slot.ts'
import { checkRecoveryKey } from '../slots/recovery-key.ts'
import type { RecoveryKey } from '../slots/recovery-key.ts'
import type { OpenSlot } from '../slots/slot-key.ts'
import { checkCredential, unlockSlot } from '../slots/unlock-slot.ts'
import type { VaultCredential } from '../slots/unlock-slot.ts'
import { readStorage, writeStorage } from '../storage/storage.ts'
import type { VaultStorage } from '../storage/storage.ts'
import { chooseDevicePin } from './device-pin.ts'
import type { DevicePin, PinOption } from './device-pin.ts'
import { OpenedVault } from './opened-vault.ts'
import { StoredSnapshot } from './stored-snapshot.ts'
import type { Vault } from './vault.ts'

/** The states of a vault that a caller accepts. */
export interface VaultExpectations {
  /** The newest state that this device knows, or the place of its pin: older and other states are refused. spec V19, V30 */
  readonly pin?: PinOption
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
  /** The place of this device's pin: IndexedDB when left out. spec V30 */
  readonly pin?: Exclude<PinOption, VaultPin>
}): Promise<Vault> {
  checkObject('options', options)
  const { storage, recovery } = options
  checkVaultStorage(storage)
  checkRecoveryKey('recovery', recovery)
  const id = randomBytes(ID_BYTES)
  const devicePin = chooseDevicePin(options.pin, storage)(id)
  // A place that cannot be read ends the call before anything is stored.
  await devicePin.read()
  const { draft, open } = await prepareSlot({ type: 'recovery-key', key: recovery }, id)
  const device = devicePin.nameDevice()
  const writer = device === undefined ? undefined : decodeBase64Url(device)
  const first = { slots: [draft], entries: new Map(), rotate: true }
  const snapshot = await sealFirst(first, { id, writer })
  const known = pinOf(snapshot)
  const wrote = { version: known.version, digest: known.digest }
  const pin = device === undefined ? known : { ...known, device, wrote }
  const stored = await storeFirst(storage, { snapshot, slot: open, devicePin, pin })
  await devicePin.replace(stored.pin)
  return new OpenedVault(stored)
}

/**
 * Opens the vault that a storage holds.
 *
 * It opens with the pin that this device has, and keeps each later one: in a browser's IndexedDB, or where `pin` says. Without it,
 * an earlier state of the vault (before an entry was deleted, a device revoked) opens like the current one. spec V22, V30
 *
 * @throws TypeError, RangeError that name the argument: `pin` too, where there is no IndexedDB and it is left out; the reason of `with.signal` when it aborts
 * @throws VaultError `ERR_VAULT_NOT_FOUND`; `ERR_VAULT_MALFORMED`; `ERR_VAULT_NO_SLOT` for a credential of a type that
 *   the vault has no slot for; `ERR_VAULT_OPEN_FAILED`, whether the secret is another one or the bytes were
 *   changed; `ERR_VAULT_ROLLED_BACK`; `ERR_VAULT_PASSKEY_REFUSED`; `ERR_VAULT_STORAGE_FAILED`;
 *   `ERR_VAULT_UNSUPPORTED` (`WebAuthn PRF`); `ERR_VAULT_WORKER`
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
  let stored = await readStored(storage)
  const known = await readPin(stored.bytes, checked)
  // Another page of this device wrote after the first reading, and its pin came into between.
  const isBehind = (known.pin?.version ?? 0) > known.file.version
  if (isBehind) stored = await readStored(storage)
  const opened = await openBytes({ ...known, ...(isBehind && checkStored(stored.bytes)) }, checked)
  const snapshot = new StoredSnapshot({ storage, storageVersion: stored.version, ...opened })
  await snapshot.remember()
  return new OpenedVault(snapshot)
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
  const checked = copyOptions(options)
  const opened = await openBytes(await readPin(bytes, checked), checked)
  const snapshot = await storeFirst(storage, opened)
  await snapshot.remember()
  return new OpenedVault(snapshot)
}

/** Stored bytes, the pin of this device for the vault that they name, and where later pins are kept. */
interface Pinned {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly file: VaultFile
  readonly devicePin: DevicePin
  readonly pin: VaultPin | undefined
}

interface CheckedOptions {
  readonly with: VaultCredential
  readonly devicePinOf: (vaultId: Uint8Array) => DevicePin
  readonly minVersion: number
}

interface OpenedState extends Pick<Pinned, 'devicePin' | 'pin'> {
  readonly snapshot: Snapshot
  readonly slot: OpenSlot
}

async function readStored(storage: VaultStorage): Promise<StoredBytes> {
  const stored = await readStorage(storage)
  if (stored === undefined) throw new VaultError('ERR_VAULT_NOT_FOUND', undefined)
  return stored
}

async function readPin(stored: Uint8Array, { devicePinOf }: CheckedOptions): Promise<Pinned> {
  const { bytes, file } = checkStored(stored)
  const devicePin = devicePinOf(file.id)
  return { bytes, file, devicePin, pin: await devicePin.read() }
}

async function openBytes(
  { bytes, file, devicePin, pin }: Pinned,
  { with: credential, minVersion }: CheckedOptions,
): Promise<OpenedState> {
  const slot = await unlockSlot(file, { credential, pin })
  const snapshot = await openSnapshot(bytes, file, slot)
  checkMinVersion(file.version, minVersion)
  if (pin !== undefined) await checkSuccessor(snapshot, pin)
  return { snapshot, slot, devicePin, pin }
}

async function storeFirst(storage: VaultStorage, opened: OpenedState): Promise<StoredSnapshot> {
  const storageVersion = await writeStorage(storage, opened.snapshot.bytes, undefined)
  if (storageVersion === undefined) throw new VaultError('ERR_VAULT_EXISTS', undefined)
  return new StoredSnapshot({ storage, storageVersion, ...opened })
}

function checkVaultStorage(storage: VaultStorage): void {
  checkMethods('storage', storage, 'read', 'write', 'remove')
}

/** Checks the options and reads each once: the caller may change them later. */
function copyOptions({
  storage,
  with: credential,
  pin,
  minVersion = 0,
}: {
  readonly storage: VaultStorage
  readonly with: VaultCredential
} & VaultExpectations): CheckedOptions {
  checkCredential(credential)
  checkInteger('minVersion', minVersion, { min: 0, max: Number.MAX_SAFE_INTEGER })
  return { with: credential, devicePinOf: chooseDevicePin(pin, storage), minVersion }
}
