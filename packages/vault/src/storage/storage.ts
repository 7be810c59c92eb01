import { VaultError } from '../errors.ts'

/** What a storage holds. */
export interface StoredBytes {
  /** A copy that belongs to the reader. */
  readonly bytes: Uint8Array
  /** Names this state of the storage: opaque, and another one after every write. */
  readonly version: string
}

/**
 * Where one vault lives: a few kilobytes under compare-and-swap. What it holds is sealed; a storage may be a
 * server. It passes `vaultStorageContract` of `@conclave/vault/testing`. spec V23
 */
export interface VaultStorage {
  /** What is stored; `undefined` for nothing. */
  read(): Promise<StoredBytes | undefined>

  /**
   * Stores the bytes if the storage still is at `expected` (`undefined`: holds nothing), and answers the new
   * version; answers `undefined`, and changes nothing, if it is not. What was stored is durable, and whole
   * or not there at all.
   */
  write(bytes: Uint8Array, expected: string | undefined): Promise<string | undefined>

  /** Removes what is stored. Removing nothing does nothing. */
  remove(): Promise<void>
}

/** What is stored. @throws VaultError `ERR_VAULT_STORAGE_FAILED` */
export async function readStorage(storage: VaultStorage): Promise<StoredBytes | undefined> {
  return guarded(() => storage.read())
}

/** The new version; `undefined` when another one was there. @throws VaultError `ERR_VAULT_STORAGE_FAILED` */
export async function writeStorage(
  storage: VaultStorage,
  bytes: Uint8Array,
  expected: string | undefined,
): Promise<string | undefined> {
  // A copy, as the storage may keep it.
  return guarded(() => storage.write(new Uint8Array(bytes), expected))
}

async function guarded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw new VaultError('ERR_VAULT_STORAGE_FAILED', undefined, { cause })
  }
}
